import { readFile, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { Option } from 'commander'
import { noteNextStep, printApproval } from '../approval-view.ts'
import type { CliCommand } from '../command.ts'
import { usageFailure } from '../failure.ts'
import { day, email, notEmpty, reference } from '../option-values.ts'
import { promiseArgument } from '../promise-view.ts'

const LIMIT_BYTES = 10 * 1024 * 1024

type Options = {
  part?: string
  subject: string
  statement: string
  evidence?: string
  until: number
  by?: string
}

export const command: CliCommand<Options, [promise: string]> = {
  description:
    'Sign that something was done, with the file that shows it and the day until which it can be relied on. It counts once a second person agreed.',
  arguments: [promiseArgument()],
  options: [
    new Option('--part <part>', 'which part of the sentence (all of it)').argParser(reference),
    new Option('--subject <text>', 'of what: a site, a provider, a region')
      .argParser(notEmpty)
      .makeOptionMandatory(),
    new Option('--statement <text>', 'what was done, by whom, when')
      .argParser(notEmpty)
      .makeOptionMandatory(),
    new Option('--evidence <file>', 'the file that shows it, at most 10 MiB').argParser(notEmpty),
    new Option('--until <day>', 'the last day on which it counts, such as 2027-11-30')
      .argParser(day)
      .makeOptionMandatory(),
    new Option('--by <address>', 'who signs, where this is the host’s own token').argParser(email),
  ],
  examples: [
    'borgen attestation sign continuity.risk --part reviewed --subject "risk register" --statement "Reviewed by the board on 3 November." --evidence minutes.pdf --until 2027-11-03 --by ada@vendor.test',
  ],
  async run(session, { part, subject, statement, evidence, until, by }, promise) {
    const file = evidence === undefined ? undefined : await readEvidence(session.surroundings.cwd, evidence)
    const api = await session.api()
    const found = await api.post('/v1/attestations', {
      body: {
        promise,
        subject,
        statement,
        expiresAt: until,
        ...(part === undefined ? {} : { part }),
        ...(file === undefined ? {} : { evidence: file }),
        ...(by === undefined ? {} : { by }),
      },
    })
    return {
      json: found,
      text: () => {
        printApproval(session.terminal, found.approval)
        noteNextStep(session.terminal, found.approval)
      },
    }
  },
}

async function readEvidence(cwd: string, named: string): Promise<{ name: string; base64: string }> {
  const path = resolve(cwd, named)
  const { size } = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw usageFailure(
      `${named} cannot be read (${error.code ?? error.message}).`,
      'Name a file that is there.',
    )
  })
  if (size > LIMIT_BYTES)
    throw usageFailure(`${named} is larger than 10 MiB.`, 'Attach the pages that matter.')
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw usageFailure(
      `${named} cannot be read (${error.code ?? error.message}).`,
      'Name a file that is there.',
    )
  })
  return { name: basename(path), base64: bytes.toString('base64') }
}
