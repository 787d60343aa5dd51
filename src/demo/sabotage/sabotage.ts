import type { Uids, WorldConfig } from '../../kernel/boot.ts'
import type { BreakableName } from '../breakable.ts'

/** The world that is sabotaged, as the saboteur sees it; `kernel/layout.ts` has its places. */
export type SabotagedWorld = {
  dataDir: string
  codeDir: string
  nodePath: string
  config: WorldConfig
  uids: Uids
  /** A secret that `supervisor/processes.ts` hands to the saboteur; throws when it does not. */
  secret(name: string): string
  /** The machine's clock, epoch ms. */
  nowMs(): number
}

/**
 * One way of breaking a promise for real. It changes the world alone, tells nobody, and is told from looking at the world, so
 * that it is still there after a restart. Each of the three may be done twice, and in any order.
 */
export type Sabotage = {
  what: BreakableName
  broken(world: SabotagedWorld): Promise<boolean>
  break(world: SabotagedWorld): Promise<void>
  mend(world: SabotagedWorld): Promise<void>
}
