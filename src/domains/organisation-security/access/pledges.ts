import { declarePledge } from '../../../pledges/pledge.ts'

export const followsState = declarePledge({
  id: 'access.follows-state',
  number: 4,
  heading: 'organisation-security',
  kind: 'enforced',
  title: { en: 'Access follows the person', sv: 'Åtkomst följer personen' },
  says: {
    en: 'Only people who are employed, vetted, trained and have signed our policies get access, for at most {grant} at a time; when one of these ends, access ends within {revoke}.',
    sv: 'Bara den som är anställd, kontrollerad, utbildad och har undertecknat våra policyer får åtkomst, högst {grant} i taget; upphör något av detta upphör åtkomsten inom {revoke}.',
  },
  parameters: {
    grant: {
      unit: 'duration',
      default: 'PT8H',
      atMost: 'P7D',
      says: { en: 'longest grant', sv: 'längsta medgivande' },
    },
    revoke: {
      unit: 'duration',
      default: 'PT15M',
      atMost: 'P1D',
      says: { en: 'longest time until access ends', sv: 'längsta tid tills åtkomsten upphör' },
    },
  },
  parts: {
    joined: { en: 'every grant belongs to somebody entitled', sv: 'varje medgivande hör till en berättigad' },
    bounded: { en: 'grants end in time', sv: 'medgivanden löper ut i tid' },
    revoked: { en: 'access ends when its ground ends', sv: 'åtkomst upphör när grunden upphör' },
  },
  every: 'PT5M',
  controls: {
    iso27001: ['A.5.16', 'A.5.18', 'A.6.5'],
    soc2: ['CC6.2', 'CC6.3'],
    csf: ['PR.AA-01', 'PR.AA-05'],
    cis: ['5.3', '6.1', '6.2', '6.8'],
  },
})
