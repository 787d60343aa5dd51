/** What an instance may use; the whole of it, application and database together, unless said otherwise. */
export type InstanceLimits = {
  memoryMiB: number
  cpus: number
  /** Of the application; the database has its own, fixed. */
  processes: number
  diskMiB: number
}

/**
 * Text; or its parts: the manifest's own words (which say nothing of any customer), what was filled in for this instance (which
 * may be secret), and what only the driver knows of the database it makes.
 */
export type EnvironmentValue =
  | string
  | (string | { filled: string } | { database: 'url' | 'host' | 'port' | 'name' | 'user' | 'password' })[]

export type InstanceSpec = {
  /** `ins_…` */
  instance: string
  region: string
  /** SHA-256 in lower-case hex: `releases/<release>/` is mounted read-only at /app. */
  release: string
  /** Program and arguments, run in /app without a shell; `node` is the pinned one. */
  start: string[]
  /** Where the application listens: on a Unix socket named by this environment variable, or on a TCP port. */
  listen: { socket: string } | { port: number; env?: string }
  database: 'postgres' | 'none'
  /** A port of the application's own loopback on which its database is offered too, for those that know no Unix sockets. */
  databasePort?: number
  /** Path that answers 2xx when the application can be used. */
  health: string
  /** How long the health path may take to answer after a start; a minute when left out. */
  startLimitMs?: number
  /** May hold secrets: handed to the application's environment and nowhere else. */
  environment: Record<string, EnvironmentValue>
  limits: InstanceLimits
  /** The only hosts it may reach, through the logging proxy; no names, no private ranges, unless listed exactly. */
  egress: { host: string; port: number }[]
}

export type InstanceState = 'absent' | 'asleep' | 'starting' | 'awake' | 'failed'

/** `enforced` by the kernel, `watched` (measured, and stopped when exceeded), or `absent`; the reason says how or why. */
export type Limit = { state: 'enforced' | 'watched' | 'absent'; reason: string }

export const limitNames = ['memory', 'cpu', 'processes', 'disk', 'seccomp', 'uid', 'network'] as const
export type LimitName = (typeof limitNames)[number]

/** A process as the host sees it; `startTime` is clock ticks since boot (`/proc/<pid>/stat` field 22). */
export type ObservedProcess = { role: 'app' | 'database'; pid: number; startTime: number }

export type ObservedInstance = {
  instance: string
  state: InstanceState
  /** Path of the Unix socket on which it speaks HTTP, while awake. */
  socket?: string
  processes: ObservedProcess[]
  limits: Record<LimitName, Limit>
  /** Why it failed. */
  reason?: string
}

/** Milliseconds by stage; `total` is always there. */
export type StartStages = Record<string, number>
export type Started = { state: 'awake'; socket: string; stages: StartStages }

/** Changes instances. Calls for one instance take effect one after the other, in the order they were made. */
export type InstanceWriter = {
  /**
   * Makes what runs agree with the spec, provisioning the instance when it is new, and resolves when its health path
   * has answered 2xx over HTTP. Idempotent. Throws AppError `unavailable` with the application's last lines when it
   * did not get healthy; nothing of it runs then, and its data stays.
   */
  start(spec: InstanceSpec): Promise<Started>
  /** Stops every process and keeps the data; nothing happens when it is asleep or absent. */
  stop(instance: string): Promise<void>
  /** Stops it and deletes database, files and logs; nothing happens when it is absent. */
  destroy(instance: string): Promise<void>
}

/** Sees instances and changes nothing. */
export type InstanceReader = {
  /** Every instance that is not absent, by id. */
  list(): Promise<ObservedInstance[]>
  observe(instance: string): Promise<ObservedInstance | undefined>
}

export type InstanceDriver = { writer: InstanceWriter; reader: InstanceReader }
