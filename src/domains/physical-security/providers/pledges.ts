import { declarePledge } from '../../../pledges/pledge.ts'

export const attested = declarePledge({
  id: 'providers.attested',
  number: 7,
  heading: 'physical-security',
  kind: 'watched',
  title: { en: 'Providers answer for their sites', sv: 'Leverantörer svarar för sina anläggningar' },
  says: {
    en: 'Where servers stand in other companies’ sites, each of them has a current attestation of its physical security, not older than {validity}.',
    sv: 'Där servrar står i andra företags anläggningar har vart och ett ett gällande intyg om sin fysiska säkerhet, inte äldre än {validity}.',
  },
  parameters: {
    validity: {
      unit: 'duration',
      default: 'P1Y',
      atMost: 'P3Y',
      says: { en: 'how old an attestation may be', sv: 'hur gammalt ett intyg får vara' },
    },
  },
  parts: {
    current: {
      en: 'a current attestation of every provider',
      sv: 'ett gällande intyg från varje leverantör',
    },
  },
  every: 'P1D',
  controls: {
    iso27001: ['A.5.19', 'A.5.20', 'A.5.21', 'A.5.22', 'A.5.23'],
    soc2: ['CC9.2'],
    csf: ['GV.SC-04', 'GV.SC-05', 'GV.SC-07', 'DE.CM-06'],
    cis: ['15.1', '15.4', '15.5', '15.6'],
  },
})
