/** What one sandbox sees and runs; nothing that is not listed is there. */
export type SandboxPlan = {
  role: 'app' | 'database'
  hostname: string
  mounts: Mount[]
  workingDir: string
  command: string[]
  /** Never appears in an argument list, since it may hold secrets. */
  environment: Record<string, string>
  /** Lets the command wait, its sandbox ready, until `release()`; without a release it never runs. */
  gated: boolean
  /**
   * Who keeps the sandbox's lock: `command` hands it down to the program (PostgreSQL must hold it until its last
   * process ended), `init` keeps it out of the program's reach.
   */
  lockHolder: 'command' | 'init'
}

export type Mount =
  | { kind: 'read-only' | 'writable'; from: string; to: string }
  | { kind: 'memory'; to: string; sizeMiB: number }
  | { kind: 'link'; target: string; to: string }
  | { kind: 'proc' | 'dev'; to: string }

/** The uid and gid that every program has inside, whatever it has outside (a shared compile cache bears it in its name). */
export const insideUid = 1000
