import { declarePledge } from '../../../pledges/pledge.ts'
import { secondsOf as seconds } from '../../../pledges/units.ts'

export const roundTheClock = declarePledge({
  id: 'monitoring.round-the-clock',
  number: 8,
  heading: 'operational-security',
  kind: 'enforced',
  title: { en: 'Watched around the clock', sv: 'Övervakning dygnet runt' },
  says: {
    en: 'Infrastructure, applications, internal traffic, the use of devices and terminals, and mail, chat, meetings and telephony are watched around the clock: a heartbeat {heartbeat:every}, an alarm when a source is silent for {silence}.',
    sv: 'Infrastruktur, applikationer, intern trafik, användning av enheter och terminaler samt e-post, chatt, möten och telefoni övervakas dygnet runt: ett livstecken {heartbeat:every}, larm när en källa varit tyst i {silence}.',
  },
  parameters: {
    heartbeat: {
      unit: 'duration',
      default: 'PT1M',
      atMost: 'PT1H',
      says: { en: 'time between two heartbeats', sv: 'tid mellan två livstecken' },
    },
    silence: {
      unit: 'duration',
      default: 'PT5M',
      atMost: 'P1D',
      says: { en: 'silence until an alarm', sv: 'tystnad innan larm' },
    },
  },
  parts: {
    infrastructure: { en: 'infrastructure', sv: 'infrastruktur' },
    applications: { en: 'applications', sv: 'applikationer' },
    'internal-traffic': { en: 'internal traffic', sv: 'intern trafik' },
    devices: { en: 'devices and terminals', sv: 'enheter och terminaler' },
    communication: { en: 'mail, chat, meetings, telephony', sv: 'e-post, chatt, möten, telefoni' },
    'on-call': { en: 'somebody on call at every hour', sv: 'någon i beredskap varje timme' },
  },
  every: 'PT1M',
  controls: {
    iso27001: ['A.8.16', 'A.8.1', 'A.5.10', 'A.8.18'],
    soc2: ['CC6.8', 'CC7.1', 'CC7.2'],
    csf: ['DE.CM-01', 'DE.CM-03', 'DE.CM-09'],
    cis: ['1.1', '10.1', '13.1', '13.6', '13.7'],
  },
  contradiction: ({ heartbeat, silence }) =>
    seconds(heartbeat) > seconds(silence)
      ? { parameter: 'silence', found: silence, expected: `at least the heartbeat of ${heartbeat}` }
      : undefined,
})
