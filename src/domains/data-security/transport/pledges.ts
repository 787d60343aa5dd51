import { declarePledge } from '../../../pledges/pledge.ts'

export const tls = declarePledge({
  id: 'transport.tls',
  number: 20,
  heading: 'data-security',
  kind: 'enforced',
  title: { en: 'Only modern TLS', sv: 'Endast modern TLS' },
  says: {
    en: 'Web, API, mobile apps and mail (IMAP, POP, SMTP) speak TLS 1.2 or 1.3 only, with certificates that are valid for at least another {left}.',
    sv: 'Webb, API, mobilappar och e-post (IMAP, POP, SMTP) talar enbart TLS 1.2 eller 1.3, med certifikat som gäller i minst {left} till.',
  },
  parameters: {
    left: {
      unit: 'duration',
      default: 'P14D',
      atMost: 'P90D',
      says: { en: 'time a certificate has left', sv: 'tid ett certifikat har kvar' },
    },
  },
  parts: {
    web: { en: 'web', sv: 'webb' },
    api: { en: 'API', sv: 'API' },
    mobile: { en: 'mobile apps', sv: 'mobilappar' },
    imap: { en: 'IMAP', sv: 'IMAP' },
    pop: { en: 'POP', sv: 'POP' },
    smtp: { en: 'SMTP', sv: 'SMTP' },
    certificates: { en: 'certificates', sv: 'certifikat' },
  },
  every: 'PT15M',
  controls: {
    iso27001: ['A.8.24', 'A.8.20', 'A.8.21', 'A.5.14'],
    soc2: ['CC6.7'],
    csf: ['PR.DS-02'],
    cis: ['3.10'],
  },
})

export const pfsHsts = declarePledge({
  id: 'transport.pfs-hsts',
  number: 21,
  heading: 'data-security',
  kind: 'enforced',
  title: { en: 'Forward secrecy and HSTS', sv: 'Framåtsekretess och HSTS' },
  says: {
    en: 'All web traffic has forward secrecy, and every answer tells browsers to come back by HTTPS only, for at least {maxAge}.',
    sv: 'All webbtrafik har framåtsekretess, och varje svar säger åt webbläsaren att bara återkomma via HTTPS, i minst {maxAge}.',
  },
  parameters: {
    maxAge: {
      unit: 'duration',
      default: 'P1Y',
      atLeast: 'P180D',
      atMost: 'P10Y',
      says: { en: 'how long browsers remember', sv: 'hur länge webbläsare minns' },
    },
  },
  parts: {
    'forward-secrecy': { en: 'forward secrecy', sv: 'framåtsekretess' },
    hsts: { en: 'HSTS on every class of answer', sv: 'HSTS på alla slags svar' },
  },
  every: 'PT15M',
  controls: { iso27001: ['A.8.24', 'A.8.21'], soc2: ['CC6.7'], csf: ['PR.DS-02'], cis: ['3.10'] },
})
