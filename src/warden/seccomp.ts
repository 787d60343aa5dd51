import { type Architecture, numberOf, type SyscallName, syscallNumbers } from './syscalls.ts'

/** One classic BPF instruction (linux/filter.h); `jt` and `jf` count the instructions to skip. */
type Instruction = { code: number; jt: number; jf: number; k: number }

const LOAD = 0x20 // BPF_LD | BPF_W | BPF_ABS
const JUMP_EQUAL = 0x15
const JUMP_NOT_LESS = 0x35
const JUMP_BITS = 0x45
const RETURN = 0x06

const allow = 0x7fff0000
const killProcess = 0x80000000
const errno = (number: number) => 0x00050000 | number
const EPERM = 1
const EAFNOSUPPORT = 97
const ENOSYS = 38

// struct seccomp_data: nr at 0, arch at 4, instruction pointer at 8, six 64-bit arguments from 16, little-endian.
const atNumber = 0
const atArchitecture = 4
const atArgument = (index: number) => 16 + index * 8

const auditArchitecture = { x64: 0xc000003e, arm64: 0xc00000b7 } as const
const x32Bit = 0x40000000

const namespaceFlags = 0x7e020000 // CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}
const TIOCSTI = 0x5412
const TIOCLINUX = 0x541c
const [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK] = [1, 2, 10, 16]
const NETLINK_ROUTE = 0

const load = (k: number): Instruction => ({ code: LOAD, jt: 0, jf: 0, k })
const answer = (k: number): Instruction => ({ code: RETURN, jt: 0, jf: 0, k })
const ifEqual = (k: number, jt: number, jf: number): Instruction => ({ code: JUMP_EQUAL, jt, jf, k })

const closelyLookedAt = ['clone', 'clone3', 'ioctl', 'socket', 'personality'] as const satisfies SyscallName[]

/**
 * What each of those may do. A block starts with the number matched and ends in an answer. Only the lower half of an
 * argument is looked at where the kernel itself takes an int.
 */
function block(name: (typeof closelyLookedAt)[number]): Instruction[] {
  switch (name) {
    case 'clone':
      return [
        load(atArgument(0)),
        { code: JUMP_BITS, jt: 0, jf: 1, k: namespaceFlags },
        answer(errno(EPERM)),
        answer(allow),
      ]
    case 'clone3':
      // Its flags lie in memory, out of a filter's sight; the C library then uses clone.
      return [answer(errno(ENOSYS))]
    case 'ioctl':
      return [
        load(atArgument(1)),
        ifEqual(TIOCSTI, 1, 0),
        ifEqual(TIOCLINUX, 0, 1),
        answer(errno(EPERM)),
        answer(allow),
      ]
    case 'socket':
      return [
        load(atArgument(0)),
        ifEqual(AF_UNIX, 5, 0),
        ifEqual(AF_INET, 4, 0),
        ifEqual(AF_INET6, 3, 0),
        ifEqual(AF_NETLINK, 0, 3),
        // Only what getifaddrs() asks, answered about the sandbox's own loopback.
        load(atArgument(2)),
        ifEqual(NETLINK_ROUTE, 0, 1),
        answer(allow),
        answer(errno(EAFNOSUPPORT)),
      ]
    case 'personality':
      return [
        load(atArgument(0)),
        ifEqual(0, 1, 0),
        ifEqual(0xffffffff, 0, 1),
        answer(allow),
        answer(errno(EPERM)),
      ]
  }
}

/** The filter of every sandbox as a program for seccomp(2): everything is allowed but what is named in syscalls.ts. */
export function seccompProgram(architecture: Architecture): Buffer {
  const close: readonly SyscallName[] = closelyLookedAt
  const refused = (Object.keys(syscallNumbers) as SyscallName[])
    .filter((name) => !close.includes(name))
    .map((name) => numberOf(name, architecture))
    .filter((number) => number >= 0)
  return assemble([
    load(atArchitecture),
    // Another architecture numbers its calls otherwise (int 0x80 of i386).
    ifEqual(auditArchitecture[architecture], 1, 0),
    answer(killProcess),
    load(atNumber),
    ...(architecture === 'x64'
      ? [{ code: JUMP_NOT_LESS, jt: 0, jf: 1, k: x32Bit }, answer(errno(EPERM))]
      : []),
    ...refused.flatMap((number) => [ifEqual(number, 0, 1), answer(errno(EPERM))]),
    ...closelyLookedAt.flatMap((name) => {
      const body = block(name)
      return [ifEqual(numberOf(name, architecture), 0, body.length), ...body]
    }),
    answer(allow),
  ])
}

function assemble(program: Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8)
  program.forEach(({ code, jt, jf, k }, index) => {
    bytes.writeUInt16LE(code, index * 8)
    bytes.writeUInt8(jt, index * 8 + 2)
    bytes.writeUInt8(jf, index * 8 + 3)
    bytes.writeUInt32LE(k, index * 8 + 4)
  })
  return bytes
}

export function architectureHere(): Architecture | undefined {
  return process.arch === 'x64' || process.arch === 'arm64' ? process.arch : undefined
}
