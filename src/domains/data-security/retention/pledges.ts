import { declarePledge } from '../../../pledges/pledge.ts'
import { firstDescending } from '../../../pledges/units.ts'

const finishWithin = {
  unit: 'duration',
  default: 'P8D',
  atLeast: 'P1D',
  atMost: 'P60D',
  says: { en: 'until the last copy is gone', sv: 'tills sista kopian är borta' },
} as const

const after = (value: string, en: string, sv: string) =>
  ({ unit: 'duration', default: value, atLeast: 'P1D', atMost: 'P10Y', says: { en, sv } }) as const

const parts = {
  due: { en: 'everything due is gone in time', sv: 'allt som förfallit är borta i tid' },
  early: { en: 'nothing went early', sv: 'inget försvann för tidigt' },
} as const

const controls = {
  iso27001: ['A.8.10', 'A.5.34'],
  soc2: ['C1.2', 'CC6.5', 'P4.2', 'P4.3'],
  csf: ['ID.AM-08'],
  cis: ['3.4', '3.5'],
} as const

const common = { heading: 'data-security', kind: 'enforced', parts, every: 'P1D', controls } as const

export const trial = declarePledge({
  ...common,
  id: 'retention.trial',
  number: 25,
  title: { en: 'Trials are deleted', sv: 'Provkonton raderas' },
  says: {
    en: 'Data of a trial is deleted {after} after the trial ends, unless it becomes a paid account; the last copy is gone within another {finishWithin}.',
    sv: 'Ett provkontos data raderas {after} efter att provperioden slutat, om det inte blir ett betalkonto; sista kopian är borta inom ytterligare {finishWithin}.',
  },
  parameters: { after: after('P12D', 'after the trial ends', 'efter provperiodens slut'), finishWithin },
})

export const cancelled = declarePledge({
  ...common,
  id: 'retention.cancelled',
  number: 26,
  title: { en: 'Cancelled accounts are deleted', sv: 'Uppsagda konton raderas' },
  says: {
    en: 'Data of a cancelled paid account is deleted {after} after the cancellation; the last copy is gone within another {finishWithin}.',
    sv: 'Ett uppsagt betalkontos data raderas {after} efter uppsägningen; sista kopian är borta inom ytterligare {finishWithin}.',
  },
  parameters: { after: after('P90D', 'after the cancellation', 'efter uppsägningen'), finishWithin },
})

export const paymentFailure = declarePledge({
  ...common,
  id: 'retention.payment-failure',
  number: 27,
  title: { en: 'Unpaid accounts are closed', sv: 'Obetalda konton stängs' },
  says: {
    en: 'When a payment fails, the account is suspended within {suspend} and closed {close} after {closureAnchor}; its data is deleted {after} after closing, the last copy within another {finishWithin}.',
    sv: 'När en betalning uteblir stängs kontot av inom {suspend} och avslutas {close} efter {closureAnchor}; dess data raderas {after} efter avslutet, sista kopian inom ytterligare {finishWithin}.',
  },
  parameters: {
    suspend: after('P15D', 'until it is suspended', 'tills det stängs av'),
    close: after('P90D', 'until it is closed', 'tills det avslutas'),
    closureAnchor: {
      unit: 'choice',
      default: 'failure',
      of: {
        failure: { en: 'the failed payment', sv: 'den uteblivna betalningen' },
        suspension: { en: 'the suspension', sv: 'avstängningen' },
      },
      says: { en: 'from when closing is counted', sv: 'från när avslutet räknas' },
    },
    after: after('P7D', 'after closing', 'efter avslutet'),
    finishWithin,
  },
  contradiction: (values) => firstDescending(values, ['suspend', 'close']),
})

export const freeInactive = declarePledge({
  ...common,
  id: 'retention.free-inactive',
  number: 28,
  title: { en: 'Forgotten free accounts are deleted', sv: 'Glömda gratiskonton raderas' },
  says: {
    en: 'A free account that nobody has used for {after} is deleted; the last copy is gone within another {finishWithin}.',
    sv: 'Ett gratiskonto som ingen har använt på {after} raderas; sista kopian är borta inom ytterligare {finishWithin}.',
  },
  parameters: { after: after('P60D', 'without use', 'utan användning'), finishWithin },
})

export const billing = declarePledge({
  ...common,
  id: 'retention.billing',
  number: 29,
  title: { en: 'Invoices are kept as the law says', sv: 'Fakturor sparas som lagen kräver' },
  says: {
    en: 'The records behind invoices are kept for {kept} from the end of the calendar year in which our financial year ended, and then deleted within {finishWithin}.',
    sv: 'Underlag till fakturor sparas i {kept} från utgången av det kalenderår då vårt räkenskapsår avslutades, och raderas sedan inom {finishWithin}.',
  },
  parameters: {
    kept: after('P7Y', 'how long they are kept', 'hur länge de sparas'),
    finishWithin,
  },
  parts: {
    exist: { en: 'exist until their date', sv: 'finns till sitt datum' },
    gone: { en: 'and not after it', sv: 'och inte efter det' },
  },
  controls: {
    iso27001: ['A.5.31', 'A.5.33'],
    soc2: ['P4.2', 'C1.1'],
    csf: ['GV.OC-03'],
    cis: ['3.1', '3.4'],
  },
})
