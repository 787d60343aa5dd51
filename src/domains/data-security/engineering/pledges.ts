import { declarePledge } from '../../../pledges/pledge.ts'

export const reviewed = declarePledge({
  id: 'engineering.reviewed',
  number: 18,
  heading: 'data-security',
  kind: 'enforced',
  title: { en: 'Reviewed before production', sv: 'Granskat före produktion' },
  says: {
    en: 'Our code follows the OWASP guidelines; before it reaches production it is tested for injection and cross-site scripting and read by others than its author, at least {reviewers}.',
    sv: 'Vår kod följer OWASP:s riktlinjer; innan den når produktion prövas den mot injektion och skriptinjektion och läses av andra än den som skrev den, minst {reviewers}.',
  },
  parameters: {
    reviewers: {
      unit: 'count',
      default: 1,
      atLeast: 1,
      atMost: 10,
      says: { en: 'reviewers who are not the author', sv: 'granskare som inte är författaren' },
    },
  },
  parts: {
    reviewed: { en: 'what runs was reviewed', sv: 'det som körs är granskat' },
    checked: { en: 'its build passed the checks', sv: 'dess bygge klarade kontrollerna' },
  },
  every: 'PT1H',
  controls: {
    iso27001: ['A.8.25', 'A.8.26', 'A.8.27', 'A.8.28', 'A.8.29', 'A.8.32', 'A.8.4'],
    soc2: ['CC6.6', 'CC8.1'],
    csf: ['PR.PS-06', 'ID.IM-02'],
    cis: ['16.1', '16.9', '16.10', '16.12', '16.13', '18.2', '18.3'],
  },
})
