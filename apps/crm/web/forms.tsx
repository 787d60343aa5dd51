import { useEffect, useState } from 'preact/hooks'
import { Dialog } from './parts/dialog.tsx'
import { type FormField, RecordForm, type Values } from './parts/record-form.tsx'
import {
  type Activity,
  type Contact,
  CURRENCIES,
  type Deal,
  type Member,
  type Organisation,
  STAGES,
} from './records.ts'
import { call, get } from './request.ts'
import { useSession } from './session.ts'

const COUNTRIES = [
  ['', '–'],
  ['SE', 'Sweden'],
  ['NO', 'Norway'],
  ['DK', 'Denmark'],
  ['FI', 'Finland'],
  ['IS', 'Iceland'],
  ['DE', 'Germany'],
  ['NL', 'Netherlands'],
  ['BE', 'Belgium'],
  ['FR', 'France'],
  ['GB', 'United Kingdom'],
  ['IE', 'Ireland'],
  ['ES', 'Spain'],
  ['PT', 'Portugal'],
  ['IT', 'Italy'],
  ['AT', 'Austria'],
  ['CH', 'Switzerland'],
  ['PL', 'Poland'],
  ['CZ', 'Czechia'],
  ['EE', 'Estonia'],
  ['LV', 'Latvia'],
  ['LT', 'Lithuania'],
  ['US', 'United States'],
] as const

export const addressFields: FormField[] = [
  { name: 'street', label: 'Street' },
  { name: 'postalCode', label: 'Postal code', half: true },
  { name: 'city', label: 'City', half: true },
  { name: 'country', label: 'Country', kind: 'select', options: COUNTRIES },
]

type FormProps<T> = {
  record?: T | undefined
  values?: Values
  onClose: () => void
  onSaved: (record: T) => void
}

function FormDialog<T extends { id: string }>(
  props: FormProps<T> & { noun: string; api: string; fields: FormField[]; create?: string },
) {
  const { record, noun, api, onClose, onSaved } = props
  const save = async (values: Values) => {
    onSaved(
      await (record
        ? call<T>('PATCH', `${api}/${record.id}`, changed(record, values))
        : call<T>('POST', api, values)),
    )
  }
  return (
    <Dialog title={record ? `Edit ${noun}` : `New ${noun}`} onClose={onClose}>
      <RecordForm
        fields={props.fields}
        values={{ ...props.values, ...record }}
        submit={record ? 'Save changes' : (props.create ?? `Add ${noun}`)}
        onSubmit={save}
        onCancel={onClose}
      />
    </Dialog>
  )
}

/** Only what was touched is sent, so that two people can edit different fields at once. */
function changed(record: Values, values: Values): Values {
  const same = (before: unknown, after: unknown) => (before ?? '') === (after ?? '')
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => !same(record[name], value)))
}

/** People who can own a record; the present owner stays in the list even when switched off. */
function useOwnerField(record: { ownerId: string | null; ownerName: string | null } | undefined): FormField {
  const [members, setMembers] = useState<Member[]>([])
  useEffect(() => {
    get<{ items: Member[] }>('users').then(
      ({ items }) => setMembers(items),
      () => undefined,
    )
  }, [])
  const options = members.filter((m) => m.state !== 'disabled').map((m) => [m.id, m.name] as const)
  if (record?.ownerId && !options.some(([id]) => id === record.ownerId))
    options.push([record.ownerId, record.ownerName ?? ''])
  return { name: 'ownerId', label: 'Owner', kind: 'select', options: [['', 'Nobody'], ...options] }
}

export function OrganisationForm(props: FormProps<Organisation>) {
  const owner = useOwnerField(props.record)
  const { user, company } = useSession()
  const fields: FormField[] = [
    { name: 'name', label: 'Name', required: true },
    { name: 'industry', label: 'Industry', half: true },
    { name: 'website', label: 'Website', kind: 'url', half: true },
    { name: 'orgNumber', label: 'Organisation number', half: true },
    { name: 'vatNumber', label: 'VAT number', half: true },
    ...addressFields,
    owner,
  ]
  return (
    <FormDialog
      {...props}
      noun="organisation"
      api="organisations"
      fields={fields}
      values={{ country: company.country, ownerId: user.id, ...props.values }}
    />
  )
}

export function ContactForm(props: FormProps<Contact> & { organisationName?: string | null | undefined }) {
  const owner = useOwnerField(props.record)
  const { user } = useSession()
  const fields: FormField[] = [
    { name: 'givenName', label: 'Given name', required: true, half: true },
    { name: 'familyName', label: 'Family name', half: true },
    { name: 'title', label: 'Title' },
    {
      name: 'organisationId',
      label: 'Organisation',
      kind: 'organisations',
      chosen: props.record?.organisationName ?? props.organisationName,
    },
    { name: 'email', label: 'E-mail', kind: 'email' },
    { name: 'phone', label: 'Phone', kind: 'tel', half: true },
    { name: 'personalNumber', label: 'Personal number', half: true, hint: 'Only when it is needed.' },
    owner,
  ]
  return (
    <FormDialog
      {...props}
      noun="contact"
      api="contacts"
      fields={fields}
      values={{ ownerId: user.id, ...props.values }}
    />
  )
}

export function DealForm(
  props: FormProps<Deal> & {
    organisationName?: string | null | undefined
    contactName?: string | null | undefined
  },
) {
  const owner = useOwnerField(props.record)
  const { user, company } = useSession()
  const fields: FormField[] = [
    { name: 'title', label: 'Title', required: true },
    { name: 'amountMinor', label: 'Amount', kind: 'money', half: true },
    {
      name: 'currency',
      label: 'Currency',
      kind: 'select',
      options: CURRENCIES.map((c) => [c, c] as const),
      half: true,
    },
    { name: 'stage', label: 'Stage', kind: 'select', options: STAGES, half: true },
    { name: 'expectedOn', label: 'Expected to close', kind: 'date', half: true },
    {
      name: 'organisationId',
      label: 'Organisation',
      kind: 'organisations',
      chosen: props.record?.organisationName ?? props.organisationName,
    },
    {
      name: 'contactId',
      label: 'Contact',
      kind: 'contacts',
      chosen: props.record?.contactName ?? props.contactName,
    },
    owner,
  ]
  return (
    <FormDialog
      {...props}
      noun="deal"
      api="deals"
      fields={fields}
      values={{ stage: 'lead', currency: company.currency, ownerId: user.id, ...props.values }}
    />
  )
}

export function ActivityForm(
  props: FormProps<Activity> & { chosen?: Record<string, string | null | undefined>; fixed?: boolean },
) {
  const owner = useOwnerField(props.record)
  const { user } = useSession()
  const { record, chosen = {} } = props
  const links: FormField[] = [
    {
      name: 'organisationId',
      label: 'Organisation',
      kind: 'organisations',
      chosen: record?.organisationName ?? chosen.organisationId,
    },
    {
      name: 'contactId',
      label: 'Contact',
      kind: 'contacts',
      chosen: record?.contactName ?? chosen.contactId,
    },
    { name: 'dealId', label: 'Deal', kind: 'deals', chosen: record?.dealTitle ?? chosen.dealId },
  ]
  const kinds = [
    ['task', 'Task'],
    ['call', 'Call'],
    ['meeting', 'Meeting'],
  ] as const
  const fields: FormField[] = [
    { name: 'subject', label: 'What', required: true },
    { name: 'kind', label: 'Kind', kind: 'select', options: kinds, half: true },
    { name: 'dueOn', label: 'Due', kind: 'date', half: true },
    { name: 'body', label: 'Details', kind: 'textarea' },
    ...links,
    { ...owner, label: 'Who does it' },
  ]
  return (
    <FormDialog
      {...props}
      noun="activity"
      api="activities"
      fields={fields}
      values={{ kind: 'task', ownerId: user.id, ...props.values }}
    />
  )
}
