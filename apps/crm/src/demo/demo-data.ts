/** Days count from the day of seeding: -3 is three days ago. Names in data refer to each other by their text. */
export type DemoData = {
  settings: Record<string, string | number>
  users: { name: string; email: string; role: 'admin' | 'member' }[]
  /** name, industry, website, org number, street, postal code, city, country */
  organisations: [string, string, string, string, string, string, string, string][]
  /** given, family, title, organisation, e-mail, phone, personal number */
  contacts: [string, string, string, string, string, string, string | null][]
  /** title, organisation, contact (family name), stage, amount in whole units, currency, expected in days */
  deals: [string, string, string, Stage, number, string, number][]
  /** kind, subject, due in days, done, about (organisation) */
  activities: ['call' | 'meeting' | 'task', string, number, boolean, string][]
  /** text, about (organisation) */
  notes: [string, string][]
  /** name, media type, content, about (organisation) */
  documents: [string, string, string, string][]
  invoices: {
    organisation: string
    currency: string
    issued: number | null
    paid: number | null
    reference: string
    lines: [string, number, number, number][]
  }[]
}

type Stage = 'lead' | 'qualified' | 'proposal' | 'negotiation' | 'won' | 'lost'
