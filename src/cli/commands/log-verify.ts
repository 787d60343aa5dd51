import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Option } from 'commander'
import type { LogVerdict, Finding as TreeFinding } from '../../../verify/src/index.ts'
import type { ApiClient } from '../../api-client/client.ts'
import { isApiProblem } from '../../api-client/problem.ts'
import type { CliCommand, Outcome, Session } from '../command.ts'
import { downloadTree } from '../download-tree.ts'
import { EXIT, usageFailure } from '../failure.ts'
import { knownLogFile, readKnownLog, rememberLog } from '../known-log.ts'
import { type OwnCheck, runOwnCheck } from '../log-own-check.ts'
import { notEmpty } from '../option-values.ts'
import { count, moment, printable } from '../printable.ts'
import { printFields } from '../table.ts'

type Options = { folder?: string; key?: string; checkpoint?: string[]; witness?: string[] }
type Given = {
  key: string | undefined
  checkpoints: { name: string; bytes: Uint8Array }[]
  /** Keys of witnesses; undefined where those that the log names are meant. */
  witnesses: string[] | undefined
}

export const command: CliCommand<Options> = {
  description:
    'Check the whole log: fetch its public tree and verify it here, apart from Borgen’s own code, then let the log compare its sealed events. What was verified is remembered, so that a log that is rewritten later is noticed. With --folder a copy is checked, without any server.',
  options: [
    new Option(
      '--folder <folder>',
      'check this copy of a log (its tree/) instead of the running one',
    ).argParser(notEmpty),
    new Option(
      '--key <vkey>',
      'the key to trust, or a file that holds it (default: the one seen first)',
    ).argParser(notEmpty),
    new Option('--checkpoint <file...>', 'earlier checkpoints that the log must agree with'),
    new Option(
      '--witness <vkey...>',
      'keys of witnesses whose word is wanted, or files with them (default: those that the log names)',
    ),
  ],
  examples: [
    'borgen log verify',
    'borgen log verify --json',
    'borgen log verify --folder /mnt/copy/ledger/tree --key /mnt/usb/vkey',
  ],
  async run(session, options) {
    const given = readGiven(session, options)
    const { folder } = options
    if (folder === undefined) return verifyRunning(session, given)
    const path = resolve(session.surroundings.cwd, folder)
    if (!existsSync(path))
      throw usageFailure(`There is no folder ${path}.`, 'Name the `tree` folder of a copy of the log.')
    return outcomeOf(session, await verify(session, path, given), undefined)
  },
}

function readGiven({ surroundings: { cwd } }: Session, { key, checkpoint, witness }: Options): Given {
  const read = (file: string) => {
    try {
      return readFileSync(resolve(cwd, file))
    } catch {
      throw usageFailure(`${file} cannot be read.`)
    }
  }
  const textOf = (given: string) =>
    /^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/.test(given) ? given : read(given).toString('utf8').trim()
  return {
    key: key === undefined ? undefined : textOf(key),
    witnesses: witness?.map(textOf),
    checkpoints: (checkpoint ?? []).map((file) => ({ name: file, bytes: read(file) })),
  }
}

async function verifyRunning(session: Session, given: Given): Promise<Outcome> {
  const { terminal, surroundings } = session
  const api = await session.api()
  // Before the tree, which then covers at least as much.
  const { named, refusing } = await namedWitnesses(api)
  const log = await downloadTree(api, (done, all) => terminal.progress(`fetched ${done} of ${all} tiles`))
  try {
    const file = knownLogFile(surroundings.env, log.origin)
    const known = readKnownLog(file)
    const before = known
      ? [{ name: 'the checkpoint verified here before', bytes: Buffer.from(known.checkpoint) }]
      : []
    const verdict = await verify(session, log.folder, {
      key: given.key ?? known?.vkey,
      checkpoints: [...given.checkpoints, ...before, ...named],
      witnesses: given.witnesses ?? named.map(({ key }) => key),
    })
    const own = await runOwnCheck(api, (text) => terminal.progress(text))
    if (verdict.verdict === 'verified')
      rememberLog(file, { vkey: given.key ?? log.vkey.trim(), checkpoint: log.checkpoint })
    return outcomeOf(session, verdict, own, refusing)
  } finally {
    await log.remove()
  }
}

type Refusal = { name: string; reason: string }

/**
 * What the witnesses that the log names cosigned last, and which of them refuse the log as it is now: one that saw more than
 * there is, as after a rollback. None where the server is of a time before there were any.
 */
async function namedWitnesses(
  api: ApiClient,
): Promise<{ named: { name: string; key: string; bytes: Uint8Array }[]; refusing: Refusal[] }> {
  const { items } = await api.get('/v1/log/witnesses').catch((error: unknown) => {
    if (isApiProblem(error) && error.problem.status === 404) return { items: [] }
    throw error
  })
  const named = items.flatMap(({ name, key, checkpoint }) =>
    checkpoint === null ? [] : [{ name: `what ${name} cosigned`, key, bytes: Buffer.from(checkpoint) }],
  )
  const refusing = items.flatMap(({ name, state, reason }) =>
    state === 'refused' ? [{ name, reason: String(reason ?? '') }] : [],
  )
  return { named, refusing }
}

async function verify(
  { terminal }: Session,
  folder: string,
  { key, checkpoints, witnesses }: Given,
): Promise<LogVerdict> {
  const { verifyLog } = await import('../../../verify/src/index.ts')
  return verifyLog({
    folder,
    key,
    checkpoints,
    witnesses,
    onProgress: (leaves, size) => terminal.progress(`checked ${leaves} of ${size} entries`),
  })
}

function outcomeOf(
  { terminal }: Session,
  tree: LogVerdict,
  own: OwnCheck | undefined,
  refusing: readonly Refusal[] = [],
): Outcome {
  const exitCode = refusing.length > 0 ? EXIT.broken : worstOf(tree, own)
  const verdict = VERDICT[exitCode]
  return {
    exitCode,
    json: { verdict, tree: plain(tree), ...(own === undefined ? {} : { sealedEvents: own }), refusing },
    text: () => {
      for (const finding of tree.findings) printTreeFinding(terminal.line, finding)
      for (const { place, index, what, remedy } of own?.findings ?? []) {
        const entry = index === undefined ? '' : `, entry ${index}`
        terminal.line(`DAMAGE  ${printable(place)}${entry}\n  ${printable(what)}`)
        if (remedy !== undefined) terminal.line(`  ${printable(remedy)}`)
      }
      for (const { name, reason } of refusing)
        terminal.line(`DAMAGE  the witness ${printable(name)} refuses this log\n  ${printable(reason)}`)
      if ('code' in tree) terminal.line(printable(tree.message))
      else {
        const { checkpoint, keyFrom } = tree
        printFields(terminal, [
          ['Log', checkpoint?.origin],
          ['Entries', tree.size],
          ['Root', checkpoint?.root.toString('hex')],
          [
            'Key',
            keyFrom === 'caller' ? 'given, or seen here before' : 'the log’s own, seen for the first time',
          ],
          ...tree.cosigned.map(({ witness, size, timeSeconds }): [string, string] => [
            'Witness',
            `${printable(witness)} cosigned up to ${size} of ${tree.size} at ${moment(Number(timeSeconds) * 1000)}`,
          ]),
          ['Sealed events', own === undefined ? 'not compared' : sealedLine(own)],
        ])
      }
      const style = exitCode === EXIT.fine ? 'green' : 'red'
      terminal.line(terminal.paint(style, HEADLINE[verdict]))
    },
  }
}

const VERDICT = { 0: 'verified', 1: 'damaged', 3: 'undecided' } as const
const HEADLINE = {
  verified: 'Verified: nothing was altered, removed, inserted or reordered.',
  damaged: 'The log is not what was signed.',
  undecided: 'It cannot be told whether the log is what was signed.',
} as const

function worstOf(tree: LogVerdict, own: OwnCheck | undefined): keyof typeof VERDICT {
  if (tree.verdict === 'damaged' || (own && own.findings.length > 0)) return EXIT.broken
  return tree.verdict === 'verified' && (own === undefined || own.isComplete) ? EXIT.fine : EXIT.unknown
}

function sealedLine({ isComplete, sealedEvents, erasedFrames }: OwnCheck): string {
  if (!isComplete) return 'the log did not finish comparing them'
  const erased = erasedFrames > 0 ? `, ${count(erasedFrames, 'part')} erased with its key` : ''
  return `${count(sealedEvents, 'event')} compared by the log itself${erased}`
}

function printTreeFinding(line: (text: string) => void, finding: TreeFinding): void {
  const { severity, code, file, offset, index, found, expected, message } = finding
  if (code === 'key_from_folder') return
  const place = [
    printable(file),
    offset === undefined ? '' : `byte ${offset}`,
    index === undefined ? '' : `entry ${index}`,
  ]
  line(`${severity.toUpperCase()}  ${place.filter((part) => part !== '').join(', ')}  [${code}]`)
  line(`  ${printable(message)}`)
  if (found !== undefined) line(`  found     ${printable(found)}`)
  if (expected !== undefined) line(`  expected  ${printable(expected)}`)
}

/** The same with hashes as hex, and numbers that JSON cannot hold as text. */
function plain(verdict: LogVerdict): unknown {
  if ('code' in verdict) return verdict
  const { checkpoint, tree: _, cosigned: seen, ...rest } = verdict
  const cosigned = seen.map(({ witness, size, timeSeconds }) => ({
    witness,
    size: Number(size),
    at: Number(timeSeconds) * 1000,
  }))
  const report = { ...rest, cosigned }
  if (checkpoint === undefined) return report
  const { origin, size, root } = checkpoint
  return { ...report, checkpoint: { origin, size: Number(size), root: root.toString('hex') } }
}
