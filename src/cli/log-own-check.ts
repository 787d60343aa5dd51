import type { ApiClient } from '../api-client/client.ts'

/** What the log itself finds when it reads everything with fresh eyes, its sealed events too. */
export type OwnCheck = {
  /** It came to its end. */
  isComplete: boolean
  size: number
  sealedEvents: number
  erasedFrames: number
  findings: { place: string; index?: number; what: string; remedy?: string }[]
}

// The log answers when it has read everything.
const PATIENCE_MS = 3_600_000

type Step = {
  step?: unknown
  finding?: { place: string; index?: number; what: string; remedy?: string }
  checkedEntries?: number
  size?: number
  sealedEvents?: number
  erasedFrames?: number
}

/** Lets the log check itself and reads what it says, line by line. */
export async function runOwnCheck(api: ApiClient, onProgress: (text: string) => void): Promise<OwnCheck> {
  const check: OwnCheck = { isComplete: false, size: 0, sealedEvents: 0, erasedFrames: 0, findings: [] }
  const { body } = await api.stream({ method: 'GET', path: '/v1/log/check', silenceMs: PATIENCE_MS })
  const { createInterface } = await import('node:readline')
  for await (const line of createInterface({ input: body, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line === '') continue
    const step: Step = JSON.parse(line)
    if (step.step === 'progress')
      onProgress(`the log compared ${step.checkedEntries} of ${step.size} entries`)
    if (step.step === 'finding' && step.finding) check.findings.push(step.finding)
    if (step.step !== 'done') continue
    check.isComplete = true
    check.size = step.size ?? 0
    check.sealedEvents = step.sealedEvents ?? 0
    check.erasedFrames = step.erasedFrames ?? 0
  }
  return check
}
