import { declarePledge } from '../../../pledges/pledge.ts'

export const awareness = declarePledge({
  id: 'training.awareness',
  number: 3,
  heading: 'organisation-security',
  kind: 'enforced',
  title: { en: 'Security awareness', sv: 'Säkerhetsmedvetande' },
  says: {
    en: 'We make and spread our own security training. Everybody completes it within {newJoiner} of joining and again {again:every}, and takes part in sessions.',
    sv: 'Vi tar fram och sprider egen säkerhetsutbildning. Alla genomför den inom {newJoiner} från anställningens början och sedan {again:every}, och deltar i genomgångar.',
  },
  parameters: {
    again: {
      unit: 'duration',
      default: 'P1Y',
      atMost: 'P2Y',
      says: { en: 'time between two rounds', sv: 'tid mellan två omgångar' },
    },
    newJoiner: {
      unit: 'duration',
      default: 'P30D',
      atMost: 'P90D',
      says: { en: 'time that a new colleague has', sv: 'tid som en ny kollega har på sig' },
    },
  },
  parts: {
    content: { en: 'content made and spread', sv: 'innehåll som tas fram och sprids' },
    completed: { en: 'completed by everybody', sv: 'genomförd av alla' },
    sessions: { en: 'sessions held', sv: 'genomgångar som hålls' },
  },
  every: 'P1D',
  controls: {
    iso27001: ['A.6.3', 'A.6.8'],
    soc2: ['CC1.4', 'CC2.2'],
    csf: ['PR.AT-01', 'PR.AT-02'],
    cis: ['14.1', '14.2', '14.3', '14.4', '14.5', '14.6', '14.7', '14.8', '14.9'],
  },
})
