import { declarePledge } from '../../../pledges/pledge.ts'

export const notified = declarePledge({
  id: 'breach.notified',
  number: 33,
  heading: 'incident-management',
  kind: 'enforced',
  title: { en: 'Breaches are told', sv: 'Intrång meddelas' },
  says: {
    en: 'When personal data is breached, the customers concerned and the authorities are told within {within} of the discovery, and sooner where a law says so.',
    sv: 'Vid en personuppgiftsincident underrättas berörda kunder och myndigheter inom {within} från upptäckten, och tidigare där en lag kräver det.',
  },
  parameters: {
    within: {
      unit: 'duration',
      default: 'PT72H',
      atMost: 'PT72H',
      says: { en: 'from the discovery', sv: 'från upptäckten' },
    },
  },
  parts: {
    customers: { en: 'customers', sv: 'kunder' },
    authorities: { en: 'authorities', sv: 'myndigheter' },
  },
  every: 'PT1M',
  controls: {
    iso27001: ['A.5.5', 'A.5.24', 'A.5.26', 'A.5.34'],
    soc2: ['P6.3', 'P6.6', 'CC2.3'],
    csf: ['RS.CO-02', 'RS.CO-03'],
    cis: ['17.2', '17.3'],
  },
})
