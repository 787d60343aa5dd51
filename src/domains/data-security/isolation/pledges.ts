import { declarePledge } from '../../../pledges/pledge.ts'

export const singleTenant = declarePledge({
  id: 'isolation.single-tenant',
  number: 19,
  heading: 'data-security',
  kind: 'enforced',
  title: { en: 'Every customer apart', sv: 'Varje kund för sig' },
  says: {
    en: 'Every customer has an instance of their own, with its own database, files and space, which does not know of the others; attacks from inside are tried {probes:every}.',
    sv: 'Varje kund har en egen instans, med egen databas, egna filer och eget utrymme, som inte känner till de andra; angrepp inifrån prövas {probes:every}.',
  },
  parameters: {
    probes: {
      unit: 'duration',
      default: 'PT1H',
      atLeast: 'PT10S',
      atMost: 'P1D',
      says: { en: 'time between two rounds of attacks', sv: 'tid mellan två omgångar angrepp' },
    },
  },
  parts: {
    own: { en: 'a database, files and a user of its own', sv: 'egen databas, egna filer och egen användare' },
    application: { en: 'attacks from the application', sv: 'angrepp från applikationen' },
    database: { en: 'attacks from the database', sv: 'angrepp från databasen' },
  },
  every: 'PT1H',
  provedAtLeast: 'probes',
  controls: {
    iso27001: ['A.8.22', 'A.8.27', 'A.8.31'],
    soc2: ['CC6.1', 'CC6.6'],
    csf: ['PR.IR-01'],
    cis: ['3.12', '12.2', '13.4'],
  },
})
