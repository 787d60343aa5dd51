import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'

/** What a client asks of the world. `key` is its idempotency key, or for a write the text that tells it from all others. */
export type Asked =
  | { kind: 'sign-up'; key: string; company: string }
  | { kind: 'wish'; key: string; instance: string; verb: 'wake' | 'sleep' | 'destroy' }
  /** Through the command line, which chooses its own key: counted, not told apart. */
  | { kind: 'cli-wish'; key: string; instance: string; verb: 'wake' | 'sleep' | 'destroy' }
  /** Answered by the application so long after it has written. */
  | { kind: 'write'; key: string; instance: string; answerAfterMs: number }

/** What came back with a success: the ids that the client was told. */
export type Acknowledged = { account?: string; instance?: string }

/** One request, however often it was sent, with its first acknowledgement if any came. */
export type Request = Asked & { sent: number; acknowledged: Acknowledged | undefined }

type Line = { asked: Asked } | { key: string; acknowledged: Acknowledged }

/**
 * The oracle's own record, in a file outside the world: each request is on disk before it is sent, each acknowledgement
 * before anybody acts on it.
 */
export type Journal = {
  asked(asked: Asked): void
  acknowledged(key: string, what: Acknowledged): void
  /** Read back from the file, first request first. */
  requests(): Request[]
  close(): void
}

export function openJournal(file: string): Journal {
  const descriptor = openSync(file, 'a', 0o600)
  const write = (line: Line) => {
    writeSync(descriptor, `${JSON.stringify(line)}\n`)
    fsyncSync(descriptor)
  }
  return {
    asked: (asked) => write({ asked }),
    acknowledged: (key, acknowledged) => write({ key, acknowledged }),
    requests: () => requestsIn(readFileSync(file, 'utf8')),
    close: () => closeSync(descriptor),
  }
}

function requestsIn(text: string): Request[] {
  const requests = new Map<string, Request>()
  for (const part of text.split('\n').filter(Boolean)) {
    const line: Line = JSON.parse(part)
    if ('asked' in line) {
      const known = requests.get(line.asked.key)
      if (known) known.sent += 1
      else requests.set(line.asked.key, { ...line.asked, sent: 1, acknowledged: undefined })
    } else {
      const known = requests.get(line.key)
      if (!known) throw new Error(`an acknowledgement of what was never asked: ${line.key}`)
      known.acknowledged ??= line.acknowledged
    }
  }
  return [...requests.values()]
}
