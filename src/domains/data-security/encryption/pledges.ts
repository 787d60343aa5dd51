import { declarePledge } from '../../../pledges/pledge.ts'

export const disks = declarePledge({
  id: 'encryption.disks',
  number: 22,
  heading: 'data-security',
  kind: 'watched',
  title: { en: 'Encrypted disks', sv: 'Krypterade diskar' },
  says: {
    en: 'The disks of all servers are encrypted.',
    sv: 'Alla servrars diskar är krypterade.',
  },
  parameters: {},
  parts: {
    disks: { en: 'the disks under every folder with data', sv: 'diskarna under varje mapp med data' },
  },
  every: 'PT1H',
  controls: { iso27001: ['A.8.24'], soc2: ['CC6.1'], csf: ['PR.DS-01'], cis: ['3.11'] },
})

export const fields = declarePledge({
  id: 'encryption.fields',
  number: 23,
  heading: 'data-security',
  kind: 'enforced',
  title: { en: 'Encrypted fields', sv: 'Krypterade fält' },
  says: {
    en: 'Sensitive fields are encrypted with AES-256; a key management service holds the keys and renews them {rotate:every}.',
    sv: 'Känsliga fält krypteras med AES-256; en nyckelhanteringstjänst håller nycklarna och förnyar dem {rotate:every}.',
  },
  parameters: {
    rotate: {
      unit: 'duration',
      default: 'P1Y',
      atMost: 'P3Y',
      says: { en: 'time between two keys', sv: 'tid mellan två nycklar' },
    },
  },
  parts: {
    sealed: { en: 'every row sealed', sv: 'varje rad förseglad' },
    kms: { en: 'keys in the KMS', sv: 'nycklar i KMS' },
    rotated: { en: 'keys renewed in time', sv: 'nycklar förnyade i tid' },
  },
  every: 'PT1H',
  controls: {
    iso27001: ['A.8.24', 'A.8.3', 'A.8.11'],
    soc2: ['CC6.1', 'C1.1'],
    csf: ['PR.DS-01', 'PR.DS-10'],
    cis: ['3.11', '3.3'],
  },
})

export const backups = declarePledge({
  id: 'encryption.backups',
  number: 24,
  heading: 'data-security',
  kind: 'enforced',
  title: { en: 'Encrypted backups', sv: 'Krypterade säkerhetskopior' },
  says: {
    en: 'Backups lie in object storage, encrypted with AES-256.',
    sv: 'Säkerhetskopior ligger i objektlagring, krypterade med AES-256.',
  },
  parameters: {},
  parts: {
    unreadable: { en: 'unreadable without the key', sv: 'oläsbara utan nyckeln' },
    readable: { en: 'readable with it', sv: 'läsbara med den' },
  },
  every: 'PT1H',
  controls: {
    iso27001: ['A.8.13', 'A.8.24'],
    soc2: ['CC6.1', 'A1.2'],
    csf: ['PR.DS-01', 'PR.DS-11'],
    cis: ['3.11', '11.3'],
  },
})
