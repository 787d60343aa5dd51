import { declarePledge } from '../../../pledges/pledge.ts'
import { firstDescending } from '../../../pledges/units.ts'

export const daily = declarePledge({
  id: 'backups.daily',
  number: 14,
  heading: 'operational-security',
  kind: 'enforced',
  title: { en: 'Backed up every day', sv: 'Säkerhetskopieras varje dag' },
  says: {
    en: 'The database and the files of every instance are backed up every day, in the time zone of the instance.',
    sv: 'Varje instans databas och filer säkerhetskopieras varje dag, i instansens egen tidszon.',
  },
  parameters: {},
  parts: {
    database: { en: 'databases', sv: 'databaser' },
    files: { en: 'files', sv: 'filer' },
  },
  every: 'PT1H',
  controls: { iso27001: ['A.8.13'], soc2: ['A1.2'], csf: ['PR.DS-11'], cis: ['11.1', '11.2'] },
})

export const separate = declarePledge({
  id: 'backups.separate',
  number: 15,
  heading: 'operational-security',
  kind: 'enforced',
  title: { en: 'Backups lie elsewhere', sv: 'Kopior ligger på annan plats' },
  says: {
    en: 'Backups lie on a server of their own, which does not fail with the first and whose copies those who write them cannot delete.',
    sv: 'Säkerhetskopior ligger på en egen server, som inte faller tillsammans med den första och vars kopior den som skriver dem inte kan radera.',
  },
  parameters: {},
  parts: {
    'failure-domain': { en: 'another failure domain', sv: 'en annan feldomän' },
    'cannot-delete': { en: 'writers cannot delete', sv: 'skrivare kan inte radera' },
  },
  every: 'PT1H',
  controls: {
    iso27001: ['A.8.13', 'A.8.14'],
    soc2: ['A1.2'],
    csf: ['PR.DS-11', 'PR.IR-03'],
    cis: ['11.3', '11.4'],
  },
})

export const restorable = declarePledge({
  id: 'backups.restorable',
  number: 16,
  heading: 'operational-security',
  kind: 'enforced',
  title: { en: 'Restored in hours', sv: 'Återställda inom timmar' },
  says: {
    en: 'Data and service are restored within {within}. Each instance’s restore is rehearsed {drill:every}; any moment of the last {window} can be brought back, and backups are kept for {kept}.',
    sv: 'Data och tjänst återställs inom {within}. Varje instans återställning övas {drill:every}; varje ögonblick under de senaste {window} kan återskapas, och säkerhetskopior sparas i {kept}.',
  },
  parameters: {
    within: {
      unit: 'duration',
      default: 'PT8H',
      atMost: 'P7D',
      says: { en: 'time to restore', sv: 'tid till återställning' },
    },
    drill: {
      unit: 'duration',
      default: 'P30D',
      atMost: 'P1Y',
      says: { en: 'time between two rehearsals', sv: 'tid mellan två övningar' },
    },
    window: {
      unit: 'duration',
      default: 'P14D',
      atMost: 'P1Y',
      says: { en: 'any moment of', sv: 'varje ögonblick under' },
    },
    kept: {
      unit: 'duration',
      default: 'P35D',
      atMost: 'P10Y',
      says: { en: 'how long backups are kept', sv: 'hur länge säkerhetskopior sparas' },
    },
  },
  parts: {
    rehearsed: { en: 'every instance rehearsed in time', sv: 'varje instans övad i tid' },
    timed: { en: 'measured within the limit', sv: 'uppmätt inom gränsen' },
    window: { en: 'any moment of the window', sv: 'varje ögonblick i fönstret' },
    fleet: { en: 'the loss of everything at once', sv: 'förlust av allt på en gång' },
  },
  every: 'PT1H',
  provedAtLeast: 'drill',
  controls: {
    iso27001: ['A.5.29', 'A.5.30', 'A.8.13'],
    soc2: ['A1.2', 'A1.3', 'CC7.5'],
    csf: ['RC.RP-01', 'RC.RP-02', 'RC.RP-03', 'RC.RP-05', 'RC.RP-06', 'GV.OC-04'],
    cis: ['11.5'],
  },
  contradiction: (values) => firstDescending(values, ['window', 'kept']),
})
