import { execFile } from 'node:child_process'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ID_PATTERN } from '../../../kernel/ids.ts'
import { layout } from '../../../kernel/layout.ts'
import type { InstanceOutput, OutputFile } from '../contract/output.ts'

const FILES = ['app.out', 'app.err', 'database.log'] as const
const BLOCK_BYTES = 4096
const run = promisify(execFile)

/** The output that the warden lets each instance append to under `instances/<id>/log/`. */
export function createLocalOutput(options: { dataDir: string }): InstanceOutput {
  const pathOf = (instance: string, file: string) => {
    if (!ID_PATTERN.test(instance) || !(FILES as readonly string[]).includes(file))
      throw new Error(`no output file: ${instance}/${file}`)
    return join(layout.instance(options.dataDir, instance), 'log', file)
  }
  return {
    async list() {
      // the folder of instances may be passed through, not listed: what runs is published beside it
      const folder = join(layout.run(options.dataDir, 'warden'), 'observed')
      const names = await readdir(folder).catch(() => [])
      const found: OutputFile[] = []
      for (const name of names) {
        const instance = name.replace(/\.json$/, '')
        if (!ID_PATTERN.test(instance)) continue
        for (const file of FILES) {
          const info = await stat(pathOf(instance, file)).catch(() => undefined)
          if (info) found.push({ instance, file, endBytes: info.size })
        }
      }
      return found
    },
    async read(instance, file, offsetBytes, limitBytes) {
      const handle = await open(pathOf(instance, file), 'r').catch(() => undefined)
      if (!handle) return Buffer.alloc(0)
      try {
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(limitBytes), 0, limitBytes, offsetBytes)
        return buffer.subarray(0, bytesRead)
      } finally {
        await handle.close()
      }
    },
    async release(instance, file, beforeBytes) {
      const length = Math.floor(beforeBytes / BLOCK_BYTES) * BLOCK_BYTES
      if (length === 0) return
      // a hole keeps every offset valid while the instance goes on appending; not every file system can
      await run('fallocate', [
        '--punch-hole',
        '--offset',
        '0',
        '--length',
        String(length),
        pathOf(instance, file),
      ]).catch(() => {})
    },
  }
}
