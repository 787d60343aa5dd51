import { join } from 'node:path'
import { layout } from '../../src/kernel/layout.ts'
import { placesUnder } from '../../src/warden/places.ts'
import { abstractName, planted } from './sinks.ts'

/** One attempt: a line for probe.pl. */
export type Probe = { name: string; kind: string; args: (string | number)[] }

/** What stands in the world for the probes to find. */
export type Targets = {
  dataDir: string
  /** Another instance, awake, with a file, a database and processes. */
  victim: { instance: string; pid: number; databasePid: number }
  /** A process of the plane, an IPC segment and a key, made by the test. */
  planePid: number
  /** Through whose root folder the data folder is looked for: pid 1 inside. */
  rootPid: number
  shmKey: number
  keyName: string
  /** Folders that the attacker itself may write to. */
  ownFolder: string
  /** A mount, open to all, below another one below /usr; a file is mounted beside it. */
  belowUsr: string
}

/** Every attempt of the issue and of the design's trap 9, made alike from both sandboxes and as the control. */
export function probesFor(targets: Targets): Probe[] {
  const { dataDir, victim } = targets
  const places = placesUnder(dataDir)
  const other = places.instance(victim.instance)
  const probe = (name: string, kind: string, ...args: (string | number)[]): Probe => ({ name, kind, args })
  const { metadata, dns, elsewhere, loopback, loopback6 } = planted
  return [
    probe("another instance's file", 'read', join(other.files, 'note.txt')),
    probe("another instance's file, written", 'write', join(other.files, 'note.txt')),
    probe("another instance's folder, created in", 'create', other.files),
    probe("another instance's file, by a link", 'link', join(other.files, 'note.txt'), targets.ownFolder),
    probe("another instance's database files", 'list', other.pg),
    probe("another instance's identity", 'read', other.identity),
    probe("another instance's log", 'read', other.logOf('app.out')),
    probe("another instance's socket", 'unix', other.socket),
    probe("another instance's database socket", 'unix', join(other.db, '.s.PGSQL.5432')),
    probe('the folder of instances', 'list', places.instances),
    probe("another instance's process, signalled", 'signal', victim.pid),
    probe("another instance's database, signalled", 'signal', victim.databasePid),
    probe("another instance's process, traced", 'ptrace', victim.pid),
    probe("another instance's memory", 'vmread', victim.pid),
    probe("another instance's environment", 'read', `/proc/${victim.pid}/environ`),
    probe("another instance's root folder", 'list', `/proc/${victim.pid}/root`),
    probe("another instance's process, in the list", 'process', 'server.mjs-of-victim'),
    probe("another instance's namespace", 'setns', victim.pid),
    probe('a process of the plane, signalled', 'signal', targets.planePid),
    probe('a process of the plane, in the list', 'process', 'borgen-planted-plane-process'),
    probe('a process of the plane, by descriptor', 'pidfd', targets.planePid),
    probe('the data folder', 'list', dataDir),
    probe("the plane's root key", 'read', layout.rootKey(dataDir)),
    probe("the plane's configuration", 'read', layout.config(dataDir)),
    probe('the log', 'read', join(layout.ledger(dataDir), 'tree', 'checkpoint')),
    probe('the log, written', 'write', join(layout.ledger(dataDir), 'tree', 'checkpoint')),
    probe("the warden's password key", 'read', places.passwordKey),
    probe("the warden's records", 'list', places.running),
    probe("the warden's socket", 'unix', places.socket),
    probe("the server's socket", 'unix', layout.serverSocket(dataDir)),
    probe("the ledger's socket", 'unix', layout.ledgerSocket(dataDir)),
    probe("the plane's database", 'unix', layout.databaseSocket(dataDir)),
    probe(
      'the data folder, through the root of a process',
      'read',
      `/proc/${targets.rootPid}/root${layout.config(dataDir)}`,
    ),
    probe(
      'the data folder, upwards',
      'read',
      `${targets.ownFolder}/../../../../../..${layout.config(dataDir)}`,
    ),
    probe('an abstract socket', 'abstract', abstractName),
    probe('cloud metadata', 'tcp', metadata.host, metadata.port),
    probe('DNS', 'udp', dns.host, dns.port),
    probe('another host', 'tcp', elsewhere.host, elsewhere.port),
    probe("the host's loopback", 'tcp', loopback.host, loopback.port),
    probe("the host's loopback over IPv6", 'tcp6', loopback6.host, loopback6.port),
    probe('raw packets', 'socket', 17, 3, 0),
    probe('shared memory of another', 'shm', targets.shmKey),
    probe('a key of the kernel, added', 'addkey'),
    probe("another's key of the kernel", 'findkey', targets.keyName),
    probe('a setting of the kernel', 'write', '/proc/sys/kernel/core_pattern'),
    probe('the emergency keys of the kernel', 'write', '/proc/sysrq-trigger'),
    probe("the kernel's messages", 'klog'),
    probe('the control groups', 'list', '/sys/fs/cgroup'),
    probe("the host's name, changed", 'hostname'),
    probe('a mount', 'mount', targets.ownFolder),
    probe('a cloned mount', 'opentree'),
    probe('another root folder', 'chroot'),
    probe('a nested user namespace', 'userns'),
    probe('a nested user namespace, by clone', 'cloneuser'),
    probe('a socket to the host of a virtual machine (vsock)', 'socket', 40, 1, 0),
    probe('a keyring of the kernel', 'keyring'),
    probe('io_uring', 'iouring'),
    probe('performance counters', 'perf'),
    probe('a process of its own, traced', 'tracechild'),
    probe('a mount below /usr', 'create', targets.belowUsr),
    probe('a file mounted below /usr', 'write', join(targets.belowUsr, '..', 'file')),
    probe('BPF', 'bpf'),
    probe('userfaultfd', 'userfaultfd'),
    probe('another personality', 'personality'),
    probe('characters into a terminal', 'tiocsti'),
    probe('the host in the list of mounts', 'mountinfo', victim.instance),
  ]
}

export function linesOf(probes: Probe[]): string {
  return probes.map(({ name, kind, args }) => `${[name, kind, ...args].join('\t')}\n`).join('')
}

export type Answers = Map<string, { reached: boolean; detail: string }>

/** What probe.pl said, by the probes' names. */
export function parseAnswers(text: string): Answers {
  const lines = text.split('\n').map((line) => line.split('\t'))
  return new Map(
    lines
      .filter((fields) => fields[1] === 'reached' || fields[1] === 'blocked')
      .map(([name, verdict, detail]) => [
        name ?? '',
        { reached: verdict === 'reached', detail: detail ?? '' },
      ]),
  )
}
