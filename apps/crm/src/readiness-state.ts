/** How far a start has come; requests wait for what they need. */
export type Readiness = {
  /** Settles when the schema is current; enough for /healthz. */
  schema: Promise<void>
  /** Settles when the first admin and the demo data are there too; what every other request waits for. */
  data: Promise<void>
  isFirstRun(): boolean
  finishFirstRun(): void
  stop(): void
}
