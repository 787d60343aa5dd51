/** One connection that an instance made or wanted to make; names and counts only, nothing of what was said. */
export type EgressEvent = {
  instance: string
  host: string
  port: number
  outcome: 'allowed' | 'refused' | 'failed'
  reason?: string
  /** Sent by the instance, and received by it. */
  sentBytes: number
  receivedBytes: number
  durationMs: number
}
