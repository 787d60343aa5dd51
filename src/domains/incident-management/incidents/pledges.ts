import { declarePledge } from '../../../pledges/pledge.ts'
import { firstDescending } from '../../../pledges/units.ts'

export const process = declarePledge({
  id: 'incidents.process',
  number: 31,
  heading: 'incident-management',
  kind: 'enforced',
  title: { en: 'Incidents are worked through', sv: 'Incidenter arbetas igenom' },
  says: {
    en: 'Every incident is identified, analysed and corrected; its root cause is found, precautions are taken, and whether they work is checked.',
    sv: 'Varje incident identifieras, analyseras och åtgärdas; grundorsaken fastställs, förebyggande åtgärder vidtas, och att de fungerar kontrolleras.',
  },
  parameters: {},
  parts: {
    stages: { en: 'every stage has what it demands', sv: 'varje steg har det som krävs' },
    cause: { en: 'none closes without a cause', sv: 'ingen avslutas utan orsak' },
    effect: { en: 'precautions are checked', sv: 'åtgärder följs upp' },
  },
  every: 'PT5M',
  controls: {
    iso27001: ['A.5.24', 'A.5.25', 'A.5.26', 'A.5.27', 'A.5.28'],
    soc2: ['CC7.3', 'CC7.4', 'CC7.5', 'CC4.2'],
    csf: [
      'RS.MA-01',
      'RS.MA-02',
      'RS.MA-03',
      'RS.AN-03',
      'RS.AN-08',
      'RS.MI-01',
      'RS.MI-02',
      'ID.IM-01',
      'ID.IM-04',
    ],
    cis: ['17.1', '17.4', '17.8', '17.9', '16.3'],
  },
})

export const escalation = declarePledge({
  id: 'incidents.escalation',
  number: 32,
  heading: 'incident-management',
  kind: 'enforced',
  title: { en: 'A ladder of escalation', sv: 'En trappa för eskalering' },
  says: {
    en: 'Incidents escalate from incident to emergency, crisis and disaster; somebody takes charge within {acknowledge}, and from emergency on within {urgent}.',
    sv: 'Incidenter eskaleras från incident till nödläge, kris och katastrof; någon tar ansvar inom {acknowledge}, och från nödläge inom {urgent}.',
  },
  parameters: {
    urgent: {
      unit: 'duration',
      default: 'PT15M',
      atMost: 'PT4H',
      says: { en: 'from emergency on', sv: 'från nödläge' },
    },
    acknowledge: {
      unit: 'duration',
      default: 'PT30M',
      atMost: 'P1D',
      says: { en: 'until somebody takes charge', sv: 'tills någon tar ansvar' },
    },
  },
  parts: {
    acknowledged: { en: 'taken charge of in time', sv: 'omhändertagna i tid' },
    duties: { en: 'duties of each level met', sv: 'varje nivås skyldigheter uppfyllda' },
  },
  every: 'PT1M',
  controls: {
    iso27001: ['A.5.24', 'A.5.29'],
    soc2: ['CC7.4', 'CC7.5', 'CC9.1'],
    csf: ['RS.MA-04', 'RS.MA-05', 'GV.RM-05'],
    cis: ['17.5', '17.6', '17.7'],
  },
  contradiction: (values) => firstDescending(values, ['urgent', 'acknowledge']),
})
