import * as encryption from './domains/data-security/encryption/pledges.ts'
import * as engineering from './domains/data-security/engineering/pledges.ts'
import * as isolation from './domains/data-security/isolation/pledges.ts'
import * as location from './domains/data-security/location/pledges.ts'
import * as retention from './domains/data-security/retention/pledges.ts'
import * as transport from './domains/data-security/transport/pledges.ts'
import * as breach from './domains/incident-management/breach/pledges.ts'
import * as incidents from './domains/incident-management/incidents/pledges.ts'
import * as backups from './domains/operational-security/backups/pledges.ts'
import * as logs from './domains/operational-security/logs/pledges.ts'
import * as monitoring from './domains/operational-security/monitoring/pledges.ts'
import * as patches from './domains/operational-security/patches/pledges.ts'
import * as vulnerabilities from './domains/operational-security/vulnerabilities/pledges.ts'
import * as access from './domains/organisation-security/access/pledges.ts'
import * as policies from './domains/organisation-security/policies/pledges.ts'
import * as risk from './domains/organisation-security/risk/pledges.ts'
import * as training from './domains/organisation-security/training/pledges.ts'
import * as vetting from './domains/organisation-security/vetting/pledges.ts'
import * as premises from './domains/physical-security/premises/pledges.ts'
import * as providers from './domains/physical-security/providers/pledges.ts'
import type { Pledge } from './pledges/pledge.ts'

const domains = [
  policies,
  vetting,
  training,
  access,
  premises,
  providers,
  monitoring,
  logs,
  vulnerabilities,
  backups,
  patches,
  engineering,
  isolation,
  transport,
  encryption,
  retention,
  location,
  incidents,
  breach,
  risk,
]

/** Every promise that Borgen knows, by its number. */
export const REGISTER: readonly Pledge[] = domains
  .flatMap((domain) => Object.values(domain) as unknown as Pledge[])
  .sort((a, b) => a.number - b.number)
