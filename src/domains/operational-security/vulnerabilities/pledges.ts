import { declarePledge } from '../../../pledges/pledge.ts'
import { firstDescending } from '../../../pledges/units.ts'

const fixedWithin = (value: string, en: string, sv: string) =>
  ({ unit: 'duration', default: value, atMost: 'P1Y', says: { en, sv } }) as const

export const handled = declarePledge({
  id: 'vulnerabilities.handled',
  number: 12,
  heading: 'operational-security',
  kind: 'enforced',
  title: { en: 'Vulnerabilities are mended', sv: 'Sårbarheter åtgärdas' },
  says: {
    en: 'A team of our own looks for vulnerabilities and mends them: exploited ones within {exploited}, critical ones within {critical}, high ones within {high}, medium ones within {medium}, low ones within {low}.',
    sv: 'Ett eget team söker efter sårbarheter och åtgärdar dem: utnyttjade inom {exploited}, kritiska inom {critical}, höga inom {high}, medelhöga inom {medium}, låga inom {low}.',
  },
  parameters: {
    exploited: fixedWithin('PT48H', 'exploited in the wild', 'utnyttjade av angripare'),
    critical: fixedWithin('P7D', 'critical', 'kritiska'),
    high: fixedWithin('P14D', 'high', 'höga'),
    medium: fixedWithin('P45D', 'medium', 'medelhöga'),
    low: fixedWithin('P90D', 'low', 'låga'),
  },
  parts: {
    searched: { en: 'everything that runs is searched', sv: 'allt som körs genomsöks' },
    mended: { en: 'mended in time', sv: 'åtgärdade i tid' },
  },
  every: 'PT1H',
  controls: {
    iso27001: ['A.8.8', 'A.5.6', 'A.5.7'],
    soc2: ['CC7.1'],
    csf: ['ID.RA-01', 'ID.RA-02'],
    cis: ['7.1', '7.5', '7.6', '7.7'],
  },
  contradiction: (values) => firstDescending(values, ['exploited', 'critical', 'high', 'medium', 'low']),
})

export const outsidersHeard = declarePledge({
  id: 'vulnerabilities.outsiders-heard',
  number: 13,
  heading: 'operational-security',
  kind: 'enforced',
  title: { en: 'Outside researchers are heard', sv: 'Utomstående forskare hörs' },
  says: {
    en: 'Researchers are invited to report what they find. We answer within {acknowledge}, assess within {triage}, and reward or credit them.',
    sv: 'Forskare uppmanas att rapportera det de hittar. Vi svarar inom {acknowledge}, bedömer inom {triage} och belönar eller nämner dem.',
  },
  parameters: {
    acknowledge: {
      unit: 'duration',
      default: 'P2D',
      atMost: 'P14D',
      says: { en: 'time to the first answer', sv: 'tid till första svar' },
    },
    triage: {
      unit: 'duration',
      default: 'P5D',
      atMost: 'P30D',
      says: { en: 'time to the assessment', sv: 'tid till bedömning' },
    },
  },
  parts: {
    invited: { en: 'a valid security.txt', sv: 'en giltig security.txt' },
    answered: { en: 'answered in time', sv: 'besvarade i tid' },
    rewarded: { en: 'reward or credit given', sv: 'belöning eller omnämnande givet' },
  },
  every: 'PT1H',
  controls: {
    iso27001: ['A.8.8', 'A.5.6', 'A.6.8'],
    soc2: ['CC7.1'],
    csf: ['ID.RA-08'],
    cis: ['16.2', '16.6'],
  },
  contradiction: (values) => firstDescending(values, ['acknowledge', 'triage']),
})
