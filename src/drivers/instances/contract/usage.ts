/** What an awake instance uses; null where its machine does not count it. */
export type InstanceUsage = {
  instance: string
  /** Processor time since its start; begins anew with each. */
  cpuTotalMs: number | null
  memoryBytes: number | null
  diskBytes: number | null
  processes: number | null
}

/** Sees what awake instances use; sleeping ones are not named, nor touched. */
export type UsageReader = {
  /** As last measured, and when; undefined when nobody measures. */
  read(): Promise<{ at: number; items: InstanceUsage[] } | undefined>
}
