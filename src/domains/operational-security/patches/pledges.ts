import { declarePledge } from '../../../pledges/pledge.ts'
import { firstDescending } from '../../../pledges/units.ts'

export const timely = declarePledge({
  id: 'patches.timely',
  number: 17,
  heading: 'operational-security',
  kind: 'enforced',
  title: { en: 'Patched in time', sv: 'Patchas i tid' },
  says: {
    en: 'Patches reach the first instances within {firstRing} of their release and all of them within {all}; where a hole is being exploited, all within {exploited}.',
    sv: 'Patchar når de första instanserna inom {firstRing} från att de släppts och alla inom {all}; där ett hål utnyttjas, alla inom {exploited}.',
  },
  parameters: {
    firstRing: {
      unit: 'duration',
      default: 'PT24H',
      atMost: 'P30D',
      says: { en: 'the first ring', sv: 'den första ringen' },
    },
    all: { unit: 'duration', default: 'P14D', atMost: 'P90D', says: { en: 'all', sv: 'alla' } },
    exploited: {
      unit: 'duration',
      default: 'PT48H',
      atMost: 'P14D',
      says: { en: 'all, when it is exploited', sv: 'alla, när det utnyttjas' },
    },
  },
  parts: {
    instances: { en: 'instances', sv: 'instanser' },
    hosts: { en: 'hosts', sv: 'värdar' },
  },
  every: 'PT1H',
  controls: {
    iso27001: ['A.8.8', 'A.8.19', 'A.8.32'],
    soc2: ['CC7.1', 'CC8.1'],
    csf: ['PR.PS-02', 'ID.RA-06'],
    cis: ['7.2', '7.3', '7.4', '2.2'],
  },
  contradiction: (values) =>
    firstDescending(values, ['firstRing', 'all']) ?? firstDescending(values, ['exploited', 'all']),
})
