import { isolationSabotage } from './sabotage/isolation.ts'
import { locationSabotage } from './sabotage/location.ts'
import { logSabotage } from './sabotage/log.ts'
import type { Sabotage } from './sabotage/sabotage.ts'
import { tlsSabotage } from './sabotage/tls.ts'

/** Every sabotage there is; what is not here is not offered. */
export const SABOTAGES: readonly Sabotage[] = [isolationSabotage, locationSabotage, logSabotage, tlsSabotage]
