import { useRef, useState } from 'preact/hooks'
import { plural } from '../format.ts'
import { addressFields } from '../forms.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { type FormField, RecordForm } from '../parts/record-form.tsx'
import { Loading } from '../parts/states.tsx'
import { toast, toastError } from '../parts/toast.tsx'
import { CURRENCIES, type Member, type Settings } from '../records.ts'
import { call, postText, RequestError } from '../request.ts'
import { BASE } from '../router.ts'
import { useSession } from '../session.ts'
import { useLoad } from '../use-load.ts'

const TABS = [
  ['account', 'You'],
  ['people', 'People'],
  ['company', 'Company'],
  ['import', 'Import and export'],
] as const

export function SettingsPage({ tab }: { tab: string }) {
  return (
    <main id="main">
      <header class="page-head">
        <h1>Settings</h1>
      </header>
      <nav class="tabs" aria-label="Settings">
        {TABS.map(([id, name]) => (
          <a key={id} href={`${BASE}/settings/${id}`} aria-current={tab === id ? 'page' : undefined}>
            {name}
          </a>
        ))}
      </nav>
      {tab === 'people' ? (
        <People />
      ) : tab === 'company' ? (
        <CompanyForm />
      ) : tab === 'import' ? (
        <ImportExport />
      ) : (
        <Account />
      )}
    </main>
  )
}

function Account() {
  const { user, reload } = useSession()
  const everywhere = async () => {
    try {
      await call('POST', 'sign-out-everywhere')
      toast({ text: 'Signed out on all other devices' })
    } catch (error) {
      toastError(error)
    }
  }
  return (
    <div class="narrow">
      <h2>Your name</h2>
      <RecordForm
        fields={[{ name: 'name', label: 'Name', required: true, autocomplete: 'name' }]}
        values={{ name: user.name }}
        submit="Save name"
        onSubmit={async (values) => {
          await call('PATCH', 'me', values)
          await reload()
          toast({ text: 'Saved' })
        }}
      />
      <h2>Password</h2>
      <RecordForm
        fields={[
          {
            name: 'currentPassword',
            label: 'Present password',
            kind: 'password',
            required: true,
            autocomplete: 'current-password',
          },
          {
            name: 'password',
            label: 'New password',
            kind: 'password',
            required: true,
            autocomplete: 'new-password',
            hint: 'At least 10 characters.',
          },
        ]}
        username={user.email}
        submit="Change password"
        onSubmit={async (values) => {
          await call('PATCH', 'me', values)
          toast({ text: 'Password changed; other devices are signed out' })
        }}
      />
      <h2>Other devices</h2>
      <p>
        <button type="button" onClick={() => void everywhere()}>
          Sign out everywhere else
        </button>
      </p>
    </div>
  )
}

function People() {
  const { user } = useSession()
  const { data, reload } = useLoad<{ items: Member[] }>('users')
  const [inviting, setInviting] = useState(false)
  const [invited, setInvited] = useState<Member | null>(null)
  const isAdmin = user.role === 'admin'
  const change = async (member: Member, body: Record<string, unknown>) => {
    try {
      await call('PATCH', `users/${member.id}`, body)
    } catch (error) {
      toastError(error)
    }
    await reload()
  }
  const link = async (member: Member) => {
    try {
      setInvited(await call<Member>('POST', `users/${member.id}/invite`))
    } catch (error) {
      toastError(error)
    }
  }
  if (!data) return <Loading />
  return (
    <>
      <p class="actions">
        <button type="button" class="primary" disabled={!isAdmin} onClick={() => setInviting(true)}>
          Invite somebody
        </button>
        {!isAdmin && <span class="quiet">Only an administrator can invite and change people.</span>}
      </p>
      <ul class="rows people">
        {data.items.map((member) => (
          <li key={member.id} class={member.state}>
            <span>
              {member.name} <span class="quiet">{member.email}</span>
            </span>
            <span class="quiet">
              {{ active: '', invited: 'Invited', disabled: 'Switched off' }[member.state]}
            </span>
            <span class="row-actions">
              <select
                aria-label={`Role of ${member.name}`}
                disabled={!isAdmin}
                value={member.role}
                onChange={(e) => void change(member, { role: e.currentTarget.value })}
              >
                <option value="admin">Administrator</option>
                <option value="member">Member</option>
              </select>
              {isAdmin && member.state !== 'disabled' && (
                <button type="button" class="link" onClick={() => void link(member)}>
                  New link
                </button>
              )}
              {isAdmin && member.id !== user.id && (
                <button
                  type="button"
                  class="link quiet"
                  onClick={() => void change(member, { disabled: member.state !== 'disabled' })}
                >
                  {member.state === 'disabled' ? 'Switch on' : 'Switch off'}
                </button>
              )}
            </span>
          </li>
        ))}
      </ul>
      {inviting && (
        <Dialog title="Invite somebody" onClose={() => setInviting(false)}>
          <RecordForm
            fields={[
              { name: 'name', label: 'Name', required: true },
              { name: 'email', label: 'E-mail', kind: 'email', required: true },
              {
                name: 'role',
                label: 'Role',
                kind: 'select',
                options: [
                  ['member', 'Member'],
                  ['admin', 'Administrator'],
                ],
              },
            ]}
            values={{ role: 'member' }}
            submit="Make invitation"
            onCancel={() => setInviting(false)}
            onSubmit={async (values) => {
              setInvited(await call<Member>('POST', 'users', values))
              setInviting(false)
              await reload()
            }}
          />
        </Dialog>
      )}
      {invited && <InviteLink member={invited} onClose={() => setInvited(null)} />}
    </>
  )
}

function InviteLink({ member, onClose }: { member: Member; onClose: () => void }) {
  const url = location.origin + member.invitePath
  const input = useRef<HTMLInputElement>(null)
  const copy = async () => {
    input.current?.select()
    await navigator.clipboard?.writeText(url)
    toast({ text: 'Link copied' })
  }
  return (
    <Dialog title={`A link for ${member.name}`} onClose={onClose}>
      <div class="prose">
        <p>
          Hand this over yourself. It works once, within 7 days, lets them choose a password, and is not shown
          again.
        </p>
        <input
          ref={input}
          type="text"
          readOnly
          aria-label="Invitation link"
          value={url}
          onFocus={(event) => event.currentTarget.select()}
        />
      </div>
      <footer class="buttons">
        <button type="button" class="primary" onClick={() => void copy()}>
          Copy link
        </button>
      </footer>
    </Dialog>
  )
}

const COMPANY_FIELDS: FormField[] = [
  { name: 'companyName', label: 'Name', required: true },
  { name: 'orgNumber', label: 'Organisation number', half: true },
  { name: 'vatNumber', label: 'VAT number', half: true },
  ...addressFields,
  { name: 'email', label: 'E-mail for invoices', kind: 'email' },
  { name: 'iban', label: 'IBAN' },
  {
    name: 'currency',
    label: 'Usual currency',
    kind: 'select',
    options: CURRENCIES.map((c) => [c, c] as const),
    half: true,
  },
  { name: 'paymentDays', label: 'Days of credit', kind: 'number', half: true },
]

function CompanyForm() {
  const { user, reload } = useSession()
  const { data } = useLoad<Settings>('settings')
  if (!data) return <Loading />
  return (
    <div class="narrow">
      <p class="quiet">
        Stands on every invoice sent from now on.
        {user.role !== 'admin' && ' Only an administrator can change it.'}
      </p>
      <fieldset class="plain" disabled={user.role !== 'admin'}>
        <RecordForm
          fields={COMPANY_FIELDS}
          values={data}
          submit="Save company"
          onSubmit={async (values) => {
            await call('PATCH', 'settings', values)
            await reload()
            toast({ text: 'Saved' })
          }}
        />
      </fieldset>
    </div>
  )
}

type ImportPlan = { rows: number; created: number; skipped: number }

function ImportExport() {
  const { user } = useSession()
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [plan, setPlan] = useState<ImportPlan | null>(null)
  const [problems, setProblems] = useState<string[]>([])
  const fail = (error: unknown) => {
    setPlan(null)
    if (!(error instanceof RequestError)) throw error
    setProblems([
      error.message,
      ...Object.entries(error.fields).map(([line, message]) => `${line}: ${message}`),
    ])
  }
  const look = async () => {
    const file = input.current?.files?.[0]
    setProblems([])
    setPlan(null)
    if (!file) return
    const content = await file.text()
    setText(content)
    await postText<ImportPlan>('contacts/import?dryRun=true', content, 'text/csv').then(setPlan, fail)
  }
  const run = async () => {
    try {
      const done = await postText<ImportPlan>('contacts/import', text, 'text/csv')
      toast({ text: `Imported ${plural(done.created, 'contact')}` })
      setPlan(null)
      if (input.current) input.current.value = ''
    } catch (error) {
      fail(error)
    }
  }
  return (
    <div class="narrow">
      <h2>Import contacts</h2>
      <p class="quiet">
        A CSV file whose first line names its columns: Given name, Family name, Title, E-mail, Phone, Personal
        number, Organisation. Only the first is needed. Whoever is here already, by e-mail, is left alone.
      </p>
      <input
        ref={input}
        type="file"
        accept=".csv,text/csv"
        aria-label="CSV file"
        onChange={() => void look()}
      />
      {problems.length > 0 && (
        <ul class="error" role="alert">
          {problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      )}
      {plan && (
        <p class="actions">
          <button type="button" class="primary" disabled={plan.created === 0} onClick={() => void run()}>
            Import {plural(plan.created, 'contact')}
          </button>
          <span class="quiet">
            {plural(plan.rows, 'row')}, {plan.skipped} here already
          </span>
        </p>
      )}
      <h2>Export contacts</h2>
      {user.role === 'admin' ? (
        <p>
          <a class="button" href="/api/contacts/export" download="contacts.csv">
            Export all contacts
          </a>
        </p>
      ) : (
        <p class="quiet">Only an administrator can take everybody’s data out at once.</p>
      )}
    </div>
  )
}
