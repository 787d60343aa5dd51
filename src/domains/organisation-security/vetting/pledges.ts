import { declarePledge } from '../../../pledges/pledge.ts'

export const beforeEntry = declarePledge({
  id: 'vetting.before-entry',
  number: 2,
  heading: 'organisation-security',
  kind: 'enforced',
  title: { en: 'Vetted before joining', sv: 'Kontrollerade före anställning' },
  says: {
    en: 'Before anybody joins us, an outside firm checks their criminal record, employment and education; no result is older than {validity}.',
    sv: 'Innan någon börjar hos oss kontrollerar en utomstående firma belastningsregister, anställningar och utbildning; inget resultat är äldre än {validity}.',
  },
  parameters: {
    validity: {
      unit: 'duration',
      default: 'P3Y',
      atMost: 'P10Y',
      says: { en: 'how long a result holds', sv: 'hur länge ett resultat gäller' },
    },
  },
  parts: {
    'criminal-record': { en: 'criminal record', sv: 'belastningsregister' },
    employment: { en: 'employment', sv: 'anställningar' },
    education: { en: 'education', sv: 'utbildning' },
    gate: { en: 'no access without it', sv: 'ingen åtkomst utan den' },
  },
  every: 'P1D',
  controls: {
    iso27001: ['A.6.1', 'A.6.2', 'A.6.6'],
    soc2: ['CC1.4'],
    csf: ['GV.RR-04'],
    cis: [],
  },
})
