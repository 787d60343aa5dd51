import { declarePledge } from '../../../pledges/pledge.ts'

export const governControls = declarePledge({
  id: 'policies.govern-controls',
  number: 1,
  heading: 'organisation-security',
  kind: 'enforced',
  title: { en: 'Policies govern controls', sv: 'Policyer styr kontrollerna' },
  says: {
    en: 'Every promise on this page rests on a written, approved policy, which is reviewed at least {review:every} and is what our controls are tested against.',
    sv: 'Varje löfte på den här sidan vilar på en skriven och godkänd policy, som ses över minst {review:every} och som våra kontroller prövas mot.',
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
    written: { en: 'a policy clause for every promise', sv: 'en policyklausul för varje löfte' },
    reviewed: { en: 'reviews in time', sv: 'översyner i tid' },
    tested: { en: 'controls tested against them', sv: 'kontroller som prövas mot dem' },
  },
  every: 'P1D',
  controls: {
    iso27001: ['A.5.1', 'A.5.4', 'A.5.36', 'A.5.37'],
    soc2: ['CC1.1', 'CC1.2', 'CC1.3', 'CC1.4', 'CC1.5', 'CC4.1', 'CC5.3'],
    csf: ['GV.PO-01', 'GV.PO-02', 'GV.RR-02', 'GV.OV-03'],
    cis: ['4.1'],
  },
})
