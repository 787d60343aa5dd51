import { declarePledge } from '../../../pledges/pledge.ts'

export const pinned = declarePledge({
  id: 'location.pinned',
  number: 30,
  heading: 'data-security',
  kind: 'enforced',
  title: { en: 'Data stays in its region', sv: 'Data stannar i sin region' },
  says: {
    en: 'A customer’s data stays in the region chosen when the trial began: {regions}.',
    sv: 'En kunds data stannar i den region som valdes när provperioden började: {regions}.',
  },
  parameters: {
    regions: {
      unit: 'list',
      default: ['us', 'uk', 'eu-ireland', 'eu-frankfurt', 'australia', 'singapore', 'japan', 'india'],
      of: {
        us: { en: 'United States', sv: 'USA' },
        uk: { en: 'United Kingdom', sv: 'Storbritannien' },
        'eu-ireland': { en: 'EU (Ireland)', sv: 'EU (Irland)' },
        'eu-frankfurt': { en: 'EU (Frankfurt)', sv: 'EU (Frankfurt)' },
        australia: { en: 'Australia', sv: 'Australien' },
        singapore: { en: 'Singapore', sv: 'Singapore' },
        japan: { en: 'Japan', sv: 'Japan' },
        india: { en: 'India', sv: 'Indien' },
      },
      says: { en: 'regions to choose from', sv: 'regioner att välja bland' },
    },
  },
  parts: {
    database: { en: 'databases', sv: 'databaser' },
    files: { en: 'files', sv: 'filer' },
    backups: { en: 'backups', sv: 'säkerhetskopior' },
    logs: { en: 'logs', sv: 'loggar' },
    keys: { en: 'keys', sv: 'nycklar' },
    sessions: { en: 'sessions', sv: 'sessioner' },
  },
  every: 'PT5M',
  controls: {
    iso27001: ['A.5.31', 'A.5.34', 'A.5.23', 'A.5.9'],
    soc2: ['C1.1'],
    csf: ['ID.AM-03', 'ID.AM-07', 'GV.OC-03'],
    cis: ['3.2', '3.8', '15.4'],
  },
})
