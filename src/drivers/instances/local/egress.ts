import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { layout } from '../../../kernel/layout.ts'
import type { EgressEvent } from '../contract/egress.ts'
import { type EgressProxy, openEgressProxy } from './egress-proxy.ts'
import type { Destination } from './egress-rules.ts'

const folderLimitMs = 60_000

/** The proxies of the instances that may reach something, each on a socket that only its own sandbox has. */
export function createEgress(dataDir: string, record: (event: EgressEvent) => void) {
  const proxies = new Map<string, { wanted: string; opening: Promise<EgressProxy | undefined> }>()

  async function open(instance: string, allowed: readonly Destination[]): Promise<EgressProxy | undefined> {
    const folder = join(layout.instance(dataDir, instance), 'egress')
    const deadline = performance.now() + folderLimitMs
    // The warden makes it while the instance is being provisioned, before its program runs.
    while (!existsSync(folder)) {
      if (performance.now() > deadline || !proxies.has(instance)) return undefined
      await delay(5)
    }
    return openEgressProxy({ instance, socketPath: join(folder, 'proxy.sock'), allowed, record })
  }

  async function close(instance: string): Promise<void> {
    const current = proxies.get(instance)
    proxies.delete(instance)
    await (await current?.opening.catch(() => undefined))?.close()
  }

  return {
    /** Lets an instance reach exactly these; resolves when it can. With none it has no proxy. */
    async serve(instance: string, allowed: readonly Destination[]): Promise<void> {
      const wanted = JSON.stringify(allowed)
      if (proxies.get(instance)?.wanted === wanted) return
      await close(instance)
      if (allowed.length === 0) return
      const entry = { wanted, opening: Promise.resolve<EgressProxy | undefined>(undefined) }
      proxies.set(instance, entry)
      entry.opening = open(instance, allowed)
      await entry.opening
    },
    close,
    async closeAll(): Promise<void> {
      await Promise.all([...proxies.keys()].map(close))
    },
  }
}
export type Egress = ReturnType<typeof createEgress>
