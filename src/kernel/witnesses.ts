import type { WorldConfig } from './boot.ts'
import { layout } from './layout.ts'

/** Somebody who cosigns the log: the name and key by which he is known, and where he is reached. */
export type WitnessAt = {
  name: string
  key: string
  /** `https://…`, `http://…` or `unix:/path`. */
  url: string
  /** Runs on this very machine, and so falls with it. */
  isLocal: boolean
}

/** Every witness of a world, that of this machine first. */
export function witnessesOf(config: WorldConfig, dataDir: string): WitnessAt[] {
  const local =
    config.localWitness === undefined
      ? []
      : [{ key: config.localWitness, url: `unix:${layout.witnessSocket(dataDir)}`, isLocal: true }]
  const others = (config.witnesses ?? []).map((one) => ({ ...one, isLocal: false }))
  return [...local, ...others].map((one) => ({ ...one, name: one.key.split('+')[0]! }))
}
