export type Page<T> = { items: T[]; total: number; limit: number; offset: number }

export type User = { id: string; name: string; email: string; role: 'admin' | 'member' }
export type Member = User & {
  state: 'active' | 'invited' | 'disabled'
  inviteToken?: string
  invitePath?: string
}
export type Company = { name: string; currency: string; country: string }
export type Me = { user: User | null; company: Company; firstRun: boolean }

type Stamped = {
  id: string
  createdAt: string
  updatedAt: string
  ownerId: string | null
  ownerName: string | null
}
type Attached = { attached?: { notes: number; activities: number; documents: number } }

export type Organisation = Stamped &
  Attached & {
    name: string
    industry: string | null
    website: string | null
    orgNumber: string | null
    vatNumber: string | null
    street: string | null
    postalCode: string | null
    city: string | null
    country: string | null
    contactCount: number
    openDealCount: number
  }

export type Contact = Stamped &
  Attached & {
    givenName: string
    familyName: string
    title: string | null
    email: string | null
    phone: string | null
    personalNumber: string | null
    organisationId: string | null
    organisationName: string | null
  }

export type Deal = Stamped &
  Attached & {
    title: string
    stage: string
    stageName: string
    stageKind: 'open' | 'won' | 'lost'
    amountMinor: number
    currency: string
    expectedOn: string | null
    closedAt: string | null
    organisationId: string | null
    organisationName: string | null
    contactId: string | null
    contactName: string | null
  }

export type Money = { currency: string; amountMinor: number }

export type Column = {
  id: string
  name: string
  kind: 'open' | 'won' | 'lost'
  count: number
  totals: Money[]
  deals: Deal[]
}

type Linked = Stamped & {
  organisationId: string | null
  organisationName: string | null
  contactId: string | null
  contactName: string | null
  dealId: string | null
  dealTitle: string | null
}

export type Activity = Linked & {
  kind: 'call' | 'meeting' | 'task'
  subject: string
  body: string | null
  dueOn: string | null
  done: boolean
  doneAt: string | null
  overdue: boolean
}

export type Note = Linked & { body: string }

export type StoredDocument = Linked & { name: string; mediaType: string; size: number }

export type InvoiceLine = {
  description: string
  quantity: number
  unitMinor: number
  vatRate: number
  netMinor: number
}

export type Party = {
  name: string
  orgNumber: string | null
  vatNumber: string | null
  street: string | null
  postalCode: string | null
  city: string | null
  country: string | null
  iban?: string | null
  email?: string | null
}

export type Invoice = Stamped & {
  number: string | null
  status: 'draft' | 'sent' | 'paid'
  organisationId: string
  organisationName: string
  dealId: string | null
  currency: string
  reference: string | null
  note: string | null
  issuedOn: string | null
  dueOn: string | null
  paidOn: string | null
  overdue: boolean
  netMinor: number
  vatMinor: number
  totalMinor: number
  seller: Party | null
  customer: Party | null
  lines: InvoiceLine[]
  vatGroups: { vatRate: number; netMinor: number; vatMinor: number }[]
}

export type Settings = Omit<Party, 'name'> & { companyName: string; currency: string; paymentDays: number }

export type HistoryEntry = {
  id: number
  at: string
  action: string
  entity: string
  entityId: string | null
  fields: string[]
  actorName: string | null
  title: string | null
}

export type Dashboard = {
  pipeline: { id: string; name: string; currency: string; count: number; amountMinor: number }[]
  won: (Money & { count: number })[]
  due: Activity[]
  receivable: (Money & { count: number; overdue: number; overdueMinor: number })[]
  recent: HistoryEntry[]
  counts: { organisations: number; contacts: number; overdue: number }
}

export type Hit = { kind: string; id: string; title: string; detail: string | null }

export const STAGES = [
  ['lead', 'Lead'],
  ['qualified', 'Qualified'],
  ['proposal', 'Proposal'],
  ['negotiation', 'Negotiation'],
  ['won', 'Won'],
  ['lost', 'Lost'],
] as const

export const CURRENCIES = ['SEK', 'EUR', 'NOK', 'DKK', 'GBP', 'USD', 'CHF', 'PLN'] as const

export const fullName = (contact: { givenName: string; familyName: string }): string =>
  `${contact.givenName} ${contact.familyName}`.trim()
