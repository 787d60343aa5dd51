import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { layout } from '../../../kernel/layout.ts'
import type { UsageReader } from '../contract/usage.ts'

const count = z.number().int().min(0).nullable()
const fileSchema = z.object({
  at: z.number().int(),
  bootId: z.string(),
  items: z.array(
    z.object({
      instance: z.string(),
      cpuTotalMs: count,
      memoryBytes: count,
      diskBytes: count,
      processes: count,
    }),
  ),
})

/** Reads what the warden publishes; nothing of before the machine's last boot. */
export function createLocalUsageReader({ dataDir }: { dataDir: string }): UsageReader {
  const path = join(layout.run(dataDir, 'warden'), 'usage.json')
  return {
    async read() {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined
        throw error
      })
      if (text === undefined) return undefined
      const { at, bootId, items } = fileSchema.parse(JSON.parse(text))
      const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
      return bootId === boot ? { at, items } : undefined
    },
  }
}
