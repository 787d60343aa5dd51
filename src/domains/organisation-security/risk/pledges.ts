import { declarePledge } from '../../../pledges/pledge.ts'

export const risk = declarePledge({
  id: 'continuity.risk',
  number: 34,
  heading: 'organisation-security',
  kind: 'attested',
  title: { en: 'Risks and continuity', sv: 'Risker och kontinuitet' },
  says: {
    en: 'We keep a register of risks, review it at least {review:every}, and practise what keeps the service going.',
    sv: 'Vi för ett riskregister, ser över det minst {review:every} och övar det som håller tjänsten igång.',
  },
  parameters: {
    review: {
      unit: 'duration',
      default: 'P1Y',
      atMost: 'P3Y',
      says: { en: 'longest time between two reviews', sv: 'längsta tid mellan två översyner' },
    },
  },
  parts: {
    reviewed: { en: 'risk register reviewed', sv: 'riskregistret genomgånget' },
    continuity: { en: 'continuity practised', sv: 'kontinuitet övad' },
  },
  every: 'P1D',
  controls: {
    iso27001: ['A.5.29', 'A.5.30'],
    soc2: ['CC7.5', 'CC9.1'],
    csf: ['GV.RM-05', 'GV.OC-04'],
    cis: [],
  },
})
