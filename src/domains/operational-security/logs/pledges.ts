import { declarePledge } from '../../../pledges/pledge.ts'

export const fiveStreams = declarePledge({
  id: 'logs.five-streams',
  number: 9,
  heading: 'operational-security',
  kind: 'enforced',
  title: { en: 'Five streams of logs', sv: 'Fem loggströmmar' },
  says: {
    en: 'Events, audit trails, errors, and what administrators and operators do are logged, for every instance and for our own systems.',
    sv: 'Händelser, spårdata, fel och det som administratörer och operatörer gör loggas, för varje instans och för våra egna system.',
  },
  parameters: {},
  parts: {
    event: { en: 'events', sv: 'händelser' },
    audit: { en: 'audit trails', sv: 'spårdata' },
    error: { en: 'errors', sv: 'fel' },
    administrator: { en: 'administrators', sv: 'administratörer' },
    operator: { en: 'operators', sv: 'operatörer' },
  },
  every: 'PT5M',
  controls: {
    iso27001: ['A.8.15', 'A.8.17'],
    soc2: ['CC7.2'],
    csf: ['PR.PS-04'],
    cis: ['8.1', '8.2', '8.4', '8.5'],
  },
})

export const analysed = declarePledge({
  id: 'logs.analysed',
  number: 10,
  heading: 'operational-security',
  kind: 'enforced',
  title: { en: 'Logs are analysed', sv: 'Loggar analyseras' },
  says: {
    en: 'Logs are analysed for anomalies and incidents; what a rule matches is detected within {detection}.',
    sv: 'Loggar analyseras efter avvikelser och incidenter; det som en regel träffar upptäcks inom {detection}.',
  },
  parameters: {
    detection: {
      unit: 'duration',
      default: 'PT1M',
      atMost: 'P1D',
      says: { en: 'time to detection', sv: 'tid till upptäckt' },
    },
  },
  parts: {
    rules: { en: 'rules run over every event', sv: 'regler körs över varje händelse' },
    canary: { en: 'a planted event is caught every day', sv: 'en planterad händelse fångas varje dag' },
  },
  every: 'PT10M',
  controls: {
    iso27001: ['A.8.16', 'A.5.25'],
    soc2: ['CC7.2', 'CC7.3'],
    csf: ['DE.AE-02', 'DE.AE-03', 'DE.AE-06', 'DE.AE-08'],
    cis: ['8.11', '13.11'],
  },
})

export const isolated = declarePledge({
  id: 'logs.isolated',
  number: 11,
  heading: 'operational-security',
  kind: 'enforced',
  title: { en: 'Logs stand apart', sv: 'Loggar står för sig' },
  says: {
    en: 'Logs lie in capacity of their own, where those who are logged can neither alter nor delete them; an outside witness confirms this {checkpoint:every}.',
    sv: 'Loggar ligger i egen kapacitet, där de som loggas varken kan ändra eller radera dem; ett utomstående vittne bekräftar det {checkpoint:every}.',
  },
  parameters: {
    checkpoint: {
      unit: 'duration',
      default: 'PT10S',
      atMost: 'P1D',
      says: { en: 'time between two checkpoints', sv: 'tid mellan två kontrollpunkter' },
    },
  },
  parts: {
    'append-only': { en: 'append-only, seen from outside', sv: 'bara tillägg, sett utifrån' },
    'sealed-there': { en: 'every sealed entry is still there', sv: 'varje förseglad post finns kvar' },
    'cannot-alter': { en: 'the plane cannot alter or delete', sv: 'planet kan inte ändra eller radera' },
  },
  every: 'PT5M',
  provedAtLeast: 'PT5M',
  controls: {
    iso27001: ['A.8.15', 'A.5.33', 'A.5.28'],
    soc2: ['CC6.1', 'CC7.2', 'PI1.5'],
    csf: ['PR.DS-01', 'RS.AN-06', 'RS.AN-07'],
    cis: ['8.3', '8.9', '8.10'],
  },
})
