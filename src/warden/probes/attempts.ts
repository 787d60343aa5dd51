import { join } from 'node:path'
import { layout } from '../../kernel/layout.ts'
import type { Places } from '../places.ts'
import type { ProcessIdentity } from '../processes.ts'
import type { Planted } from './planted.ts'

/**
 * One attack, a line for probe.pl. The same kind of try is made outside on something planted, by the same user (`user`) or,
 * where only power gets there, by root (`power`): what that does not reach, a probe could not have seen.
 */
export type Attempt = {
  name: string
  kind: string
  args: readonly (string | number)[]
  control: readonly (string | number)[]
  as: 'user' | 'power'
}

/** Kinds of things that some kernels do not have at all; everywhere else a control that reaches nothing proves nothing. */
export const mayLack: ReadonlySet<string> = new Set([
  'io_uring',
  'BPF',
  'performance counters',
  'userfaultfd',
  'the line of a virtual machine to its host (vsock)',
  'the emergency keys of the kernel',
  'characters into a terminal',
  "the host's loopback over IPv6",
])

export type Surroundings = {
  places: Places
  dataDir: string
  planted: Planted
  instance: string
  /** Folders inside that it may write to, the first its own data. */
  own: readonly string[]
  /** Processes of the plane and of other instances, as the host numbers them. */
  others: readonly (ProcessIdentity & { whose: string })[]
}

/** Every attack made from inside a sandbox of this instance. What they name of others is planted, or the plane's. */
export function attemptsIn(around: Surroundings): Attempt[] {
  const { places, dataDir, planted } = around
  const { twin } = planted
  // Nothing of a customer's is written to, not even for a moment.
  const own = '/tmp'
  type Words = readonly (string | number)[]
  const user = (name: string, kind: string, args: Words, control: Words = args): Attempt => ({
    ...{ name, kind, args, control, as: 'user' },
  })
  const power = (name: string, kind: string, args: Words = [], control: Words = args): Attempt => ({
    ...{ name, kind, args, control, as: 'power' },
  })
  /** Of the plane itself; what stands beside it, planted, is what the control reaches. */
  const plane = (name: string, kind: 'read' | 'write' | 'list' | 'unix', path: string) =>
    user(
      name,
      kind,
      [path],
      [{ read: twin.note, write: twin.note, list: twin.folder, unix: twin.socket }[kind]],
    )
  const process = { pid: planted.process.pid, start: planted.process.startTime }
  const onProcess = (name: string, kind: string, ...more: Words) => [
    power(`${name}: a planted one`, kind, [process.pid, process.start, ...more]),
    ...around.others.map(({ whose, pid, startTime }) =>
      power(`${name}: ${whose}`, kind, [pid, startTime, ...more], [process.pid, process.start, ...more]),
    ),
  ]
  return [
    user("another's file", 'read', [twin.note]),
    user("another's file, written", 'write', [twin.note]),
    user("another's folder, created in", 'create', [twin.folder]),
    user("another's file, by a link", 'link', [twin.note, own], [twin.note, twin.folder]),
    user("another's file, upwards", 'read', [`${own}/../../../../../..${twin.note}`], [twin.note]),
    user("another's file, through a process's root", 'read', [`/proc/1/root${twin.note}`], [twin.note]),
    user("another's folder", 'list', [twin.folder]),
    user("another's application, by its socket", 'unix', [twin.socket]),
    user("another's database, by its socket", 'unix', [twin.databaseSocket]),
    user('files and sockets of others in its own folders', 'walk', around.own, [twin.own]),
    user('names of others among its own files', 'paths', [around.instance, ...around.own], ['-', twin.own]),
    user('files of its own that lie elsewhere too', 'linked', around.own, [twin.linked]),
    user('names of others in what it is told', 'names', [around.instance], ['-', twin.names]),
    user('the folder of instances', 'list', [places.instances], [twin.folder]),
    plane('the data folder', 'list', dataDir),
    plane("the plane's root key", 'read', layout.rootKey(dataDir)),
    plane("the plane's configuration", 'read', layout.config(dataDir)),
    plane("the plane's secrets", 'list', layout.secrets(dataDir)),
    plane('the keyring', 'list', layout.keyring(dataDir)),
    plane('the log', 'read', join(layout.ledger(dataDir), 'tree', 'checkpoint')),
    plane('the log, written', 'write', join(layout.ledger(dataDir), 'tree', 'checkpoint')),
    plane("the warden's password key", 'read', places.passwordKey),
    plane("the warden's records", 'list', places.running),
    plane("the warden's socket", 'unix', places.socket),
    plane("the warden's socket for probes", 'unix', places.probeSocket),
    plane("the server's socket", 'unix', layout.serverSocket(dataDir)),
    plane("the ledger's socket", 'unix', layout.ledgerSocket(dataDir)),
    plane("the plane's database", 'unix', layout.databaseSocket(dataDir)),
    user('an abstract socket', 'abstract', [planted.word]),
    ...(planted.hasNoWayOut
      ? [
          user('cloud metadata', 'tcp', ['169.254.169.254', 80]),
          user('DNS', 'udp', ['192.0.2.53', 53]),
          user('another host', 'tcp', ['198.51.100.10', 443]),
          user('addresses beside its own loopback', 'addresses', []),
        ]
      : []),
    user("the host's loopback", 'tcp', ['127.0.0.1', planted.port, planted.word]),
    user("the host's loopback over IPv6", 'tcp6', ['::1', planted.port6, planted.word]),
    user('shared memory of another', 'shm', [planted.sharedMemory]),
    user('processes of other users', 'strangers', []),
    user('a process of another, in the list', 'process', [planted.word]),
    ...onProcess('signalled', 'signal'),
    ...onProcess('traced', 'ptrace'),
    ...onProcess('its memory', 'vmread'),
    ...onProcess('its environment', 'procread', 'environ'),
    ...onProcess('its root folder', 'proclist', 'root'),
    ...onProcess('its namespace', 'setns'),
    ...onProcess('by descriptor', 'pidfd'),
    power('raw packets', 'socket', [17, 3, 0]),
    power("another's key of the kernel", 'findkey', [planted.word]),
    power('a key of the kernel, added', 'addkey'),
    power('a keyring of the kernel', 'keyring'),
    power('a setting of the kernel', 'write', ['/proc/sys/kernel/core_pattern']),
    power('the emergency keys of the kernel', 'write', ['/proc/sysrq-trigger']),
    power("the kernel's messages", 'klog'),
    power('the control groups', 'list', ['/sys/fs/cgroup']),
    power('devices beside the harmless ones', 'devices', ['/dev', ...around.own], [twin.devices]),
    power("the host's name, changed", 'hostname'),
    power('a mount', 'mount', [own], [twin.folder]),
    power('a cloned mount', 'opentree'),
    power('another root folder', 'chroot'),
    power('a nested user namespace', 'userns'),
    power('a nested user namespace, by clone', 'cloneuser'),
    power('the line of a virtual machine to its host (vsock)', 'socket', [40, 1, 0]),
    power('io_uring', 'iouring'),
    power('performance counters', 'perf'),
    power('a process of its own, traced', 'tracechild'),
    power('BPF', 'bpf'),
    power('userfaultfd', 'userfaultfd'),
    power('another personality', 'personality'),
    power('characters into a terminal', 'tiocsti'),
  ]
}

/** The lines that probe.pl reads, numbered, so that names need not be told inside. */
export function linesFor(attempts: readonly Attempt[], which: 'args' | 'control'): string {
  return attempts.map((one, at) => `${[at, one.kind, ...one[which]].join('\t')}\n`).join('')
}

export type Answer = { reached: boolean; detail: string }

/** What probe.pl said, by number. What it says may come from inside: anything in another form is left out. */
export function answersIn(text: string): Map<number, Answer> {
  const lines = text.split('\n').map((line) => /^(\d{1,4})\t(reached|blocked)\t(.*)$/.exec(line))
  return new Map(
    lines.flatMap((found) =>
      found
        ? [
            [
              Number(found[1]),
              { reached: found[2] === 'reached', detail: (found[3] ?? '').slice(0, 200) },
            ] as const,
          ]
        : [],
    ),
  )
}
