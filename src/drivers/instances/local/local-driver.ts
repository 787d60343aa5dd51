import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../../kernel/errors.ts'
import { layout } from '../../../kernel/layout.ts'
import type {
  InstanceDriver,
  InstanceReader,
  InstanceSpec,
  InstanceWriter,
  ObservedInstance,
  Started,
} from '../contract/instance.ts'
import { parseObserved } from './observed-file.ts'
import { askWarden } from './warden-client.ts'

/**
 * Instances on this machine: the writer asks the warden, the only process that may; the reader reads what the warden
 * publishes and checks each process against the kernel. `token` is the warden's, when it wants one.
 */
export function createLocalInstanceDriver(options: { dataDir: string; token?: string }): InstanceDriver {
  return { writer: createWriter(options), reader: createLocalInstanceReader(options) }
}

function createWriter(options: { dataDir: string; token?: string }): InstanceWriter {
  const socketPath = layout.wardenSocket(options.dataDir)
  const token = options.token === undefined ? {} : { token: options.token }
  return {
    start: async (spec: InstanceSpec) =>
      (await askWarden(socketPath, { request: 'start', ...token, spec })) as Started,
    stop: async (instance) => {
      await askWarden(socketPath, { request: 'stop', ...token, instance })
    },
    destroy: async (instance) => {
      await askWarden(socketPath, { request: 'destroy', ...token, instance })
    },
  }
}

/** The reading half alone; needs no token and cannot change anything. */
export function createLocalInstanceReader(options: { dataDir: string }): InstanceReader {
  const folder = join(layout.run(options.dataDir, 'warden'), 'observed')
  const observe = async (instance: string): Promise<ObservedInstance | undefined> => {
    if (!/^ins_[0-9a-z]+$/.test(instance)) return undefined
    const text = await readFile(join(folder, `${instance}.json`), 'utf8').catch(whenMissing)
    return text === undefined ? undefined : parseObserved(text)
  }
  return {
    observe,
    async list() {
      const names = (await readdir(folder).catch(whenMissing)) ?? []
      const ids = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length))
      const seen: ObservedInstance[] = []
      // A few at a time: thousands of open files at once would reach the process's limit.
      for (let at = 0; at < ids.length; at += 64) {
        const some = await Promise.all(ids.slice(at, at + 64).map(observe))
        seen.push(...some.filter((one) => one !== undefined))
      }
      return seen.sort((a, b) => (a.instance < b.instance ? -1 : 1))
    },
  }
}

function whenMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined
  throw new AppError('unavailable', 'What the warden publishes cannot be read.', {
    remedy: 'See `borgen status` for the warden.',
    cause: error,
  })
}
