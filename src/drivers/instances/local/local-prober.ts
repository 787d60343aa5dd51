import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { layout } from '../../../kernel/layout.ts'
import type { InstanceProber } from '../contract/instance-prober.ts'
import type { AskProbe } from './ask-probe.ts'

const probed = z.object({
  was: z.enum(['asleep', 'awake']),
  uid: z.number().int(),
  hasOwnUser: z.boolean(),
  hasNetworkToPlant: z.boolean(),
  tries: z
    .array(
      z.object({
        from: z.enum(['application', 'database', 'outside']),
        name: z.string().max(200),
        reached: z.boolean().nullable(),
        controlReached: z.boolean().nullable(),
        detail: z.string().max(1000),
      }),
    )
    .max(1000),
})

/** Probes by the warden, the only one who can look from inside a sandbox. */
export function createLocalProber(dataDir: string, askProbe: AskProbe): InstanceProber {
  return {
    probe: async (instance) => probed.parse(await askProbe({ kind: 'instance', instance })),
    async present() {
      const names = await readdir(join(layout.run(dataDir, 'warden'), 'observed')).catch(() => [])
      return names.flatMap((name) => /^(ins_[0-9a-z]{26})\.json$/.exec(name)?.[1] ?? [])
    },
  }
}
