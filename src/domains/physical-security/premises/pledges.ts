import { declarePledge } from '../../../pledges/pledge.ts'

export const cctv = declarePledge({
  id: 'premises.cctv',
  number: 5,
  heading: 'physical-security',
  kind: 'watched',
  title: { en: 'Premises on camera', sv: 'Kameraövervakade lokaler' },
  says: {
    en: 'Our premises are filmed. Footage is kept for {kept}, where a site has no period of its own, and not longer.',
    sv: 'Våra lokaler filmas. Inspelningar sparas i {kept}, om en plats inte har en egen tid, och inte längre.',
  },
  parameters: {
    kept: {
      unit: 'duration',
      default: 'P30D',
      atMost: 'P1Y',
      says: { en: 'how long footage is kept', sv: 'hur länge inspelningar sparas' },
    },
  },
  parts: {
    complete: { en: 'recordings without gaps', sv: 'inspelningar utan luckor' },
    kept: { en: 'kept for the whole period', sv: 'sparade hela tiden' },
    erased: { en: 'nothing older', sv: 'inget äldre' },
  },
  every: 'PT1H',
  controls: { iso27001: ['A.7.4'], soc2: ['CC6.4'], csf: ['DE.CM-02'], cis: [] },
})

export const entry = declarePledge({
  id: 'premises.entry',
  number: 6,
  heading: 'physical-security',
  kind: 'watched',
  title: { en: 'Two factors at the door', sv: 'Två faktorer vid dörren' },
  says: {
    en: 'Whoever enters our premises shows a keycard and a biometric trait within {apart} of each other; cards of those who left do not open.',
    sv: 'Den som går in i våra lokaler visar passerkort och biometri inom {apart} från varandra; kort som tillhört den som slutat öppnar inte.',
  },
  parameters: {
    apart: {
      unit: 'duration',
      default: 'PT30S',
      atMost: 'PT5M',
      says: { en: 'longest time between the two', sv: 'längsta tid mellan de två' },
    },
  },
  parts: {
    'both-factors': { en: 'both factors at every entry', sv: 'båda faktorerna vid varje passage' },
    leavers: { en: 'leavers’ cards are dead', sv: 'kort från dem som slutat är spärrade' },
  },
  every: 'PT1H',
  controls: {
    iso27001: ['A.7.1', 'A.7.2', 'A.7.3', 'A.7.6'],
    soc2: ['CC6.4'],
    csf: ['PR.AA-06'],
    cis: [],
  },
})
