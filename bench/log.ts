/*
 * How many events a second the log takes: parsed from JSON, sealed, durable, in the tree. `node bench/log.ts [seconds]`.
 * Each row appends batches from as many callers as said, in one process, on the disk of $TMPDIR.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKeyStore } from '../src/drivers/kms/contract/key-store.ts'
import { createLocalKms } from '../src/drivers/kms/local/local-kms.ts'
import { systemClock } from '../src/kernel/clock.ts'
import { parseBatch } from '../src/ledger/server/entry.ts'
import { openLog } from '../src/ledger/server/log.ts'
import { createCheckpointSigner } from '../src/ledger/tree/checkpoint.ts'

const seconds = Number(process.argv[2] ?? 3)
const rows = [
  { batch: 1, callers: 1, subjects: 1 },
  { batch: 1, callers: 200, subjects: 20 },
  { batch: 100, callers: 8, subjects: 20 },
  { batch: 1_000, callers: 4, subjects: 1 },
  { batch: 1_000, callers: 8, subjects: 20 },
  { batch: 10_000, callers: 4, subjects: 20 },
]

const titles = ['batch', 'callers', 'subjects', 'events/s', 'CPU us/event', 'CPU s/s', 'p50 ms', 'RSS MiB']
console.log(titles.join('  '))
for (const row of rows) await measure(row)

async function measure({ batch, callers, subjects }: (typeof rows)[number]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'borgen-bench-'))
  const kms = createLocalKms({ key: 'ledger', rootKeys: [{ version: 1, key: Buffer.alloc(32, 1) }] })
  const log = await openLog({
    folder,
    keys: openKeyStore({ folder: join(folder, 'keys'), kms, purpose: 'log' }),
    secret: Buffer.alloc(32, 2),
    signer: createCheckpointSigner('bench/log', Buffer.alloc(32, 3).toString('base64')),
    clock: systemClock,
  })
  let made = 0
  const bodyOf = () => {
    const parts: string[] = []
    for (let i = 0; i < batch; i++) parts.push(entryText(made++, subjects))
    return `{"entries":[${parts.join(',')}]}`
  }
  const waits: number[] = []
  let appended = 0
  // Making the bodies is not the log's work: its time and CPU are taken off.
  let makingMs = 0
  let makingCpuMs = 0
  const cpuMs = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
  const cpuStart = cpuMs()
  const start = performance.now()
  const until = start + seconds * 1000
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() < until) {
        const [before, cpuBefore] = [performance.now(), cpuMs()]
        const body = bodyOf()
        const asked = performance.now()
        makingMs += asked - before
        makingCpuMs += cpuMs() - cpuBefore
        await log.append(parseBatch(JSON.parse(body)))
        waits.push(performance.now() - asked)
        appended += batch
      }
    }),
  )
  const elapsedMs = performance.now() - start - makingMs
  const usedMs = cpuMs() - cpuStart - makingCpuMs
  const rssMiB = process.memoryUsage().rss / 1024 / 1024
  await log.close()
  rmSync(folder, { recursive: true })
  waits.sort((a, b) => a - b)
  const cells = [
    batch,
    callers,
    subjects,
    ((appended / elapsedMs) * 1000).toFixed(0),
    ((usedMs * 1000) / appended).toFixed(1),
    (usedMs / elapsedMs).toFixed(2),
    (waits[waits.length >> 1] ?? 0).toFixed(1),
    rssMiB.toFixed(0),
  ]
  console.log(cells.map((cell, i) => String(cell).padStart(titles[i]!.length)).join('  '))
}

function entryText(i: number, subjects: number): string {
  const subject = `ins_${String(i % subjects).padStart(26, '0')}`
  return `{"key":"k-${i}","stream":"audit","subject":"${subject}","region":"eu-frankfurt","type":"contact.changed","event":{"actor":"per_0123456789abcdefghjkmnpqrs","contact":"c-${i}","field":"name","from":"Ann Example of Some Company AB","request":"req_0123456789abcdefghjkmnpqrs","to":"Anna Example of Another Company AB"}}`
}
