import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../../kernel/errors.ts'
import { layout } from '../../../kernel/layout.ts'
import type { EgressEvent } from '../contract/egress.ts'
import type {
  InstanceDriver,
  InstanceReader,
  InstanceSpec,
  InstanceWriter,
  ObservedInstance,
  Started,
} from '../contract/instance.ts'
import { createEgress, type Egress } from './egress.ts'
import { parseObserved } from './observed-file.ts'
import { askWarden } from './warden-client.ts'

export type LocalOptions = {
  dataDir: string
  /** The warden's, when it wants one. */
  token?: string
  /** Called once for every connection that an instance made, or was refused, through its proxy. */
  recordEgress?(event: EgressEvent): void
}

export type LocalInstanceDriver = InstanceDriver & {
  /** Closes the proxies, which run in the process that holds the writer; instances run on without them. */
  close(): Promise<void>
}

/**
 * Instances on this machine: the writer asks the warden, the only process that may; the reader reads what the warden
 * publishes and checks each process against the kernel. A process that is started again gives an awake instance its
 * proxy back by starting it again, which changes nothing else.
 */
export function createLocalInstanceDriver(options: LocalOptions): LocalInstanceDriver {
  const egress = createEgress(options.dataDir, options.recordEgress ?? (() => {}))
  return {
    writer: createWriter(options, egress),
    reader: createLocalInstanceReader(options),
    close: () => egress.closeAll(),
  }
}

function createWriter(options: LocalOptions, egress: Egress): InstanceWriter {
  const socketPath = layout.wardenSocket(options.dataDir)
  const token = options.token === undefined ? {} : { token: options.token }
  return {
    start: async (spec: InstanceSpec) => {
      const serving = egress.serve(spec.instance, spec.egress)
      try {
        const request = { request: 'start', ...token, spec }
        return (await askWarden(socketPath, request, spec.startLimitMs)) as Started
      } catch (error) {
        await egress.close(spec.instance)
        throw error
      } finally {
        await serving
      }
    },
    stop: async (instance) => {
      await askWarden(socketPath, { request: 'stop', ...token, instance })
      await egress.close(instance)
    },
    destroy: async (instance) => {
      await egress.close(instance)
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
