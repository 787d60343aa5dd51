import { Argument } from 'commander'
import type { components } from '../api-client/schema.ts'
import { EXIT, type ExitCode } from './failure.ts'
import { reference } from './option-values.ts'
import type { Cell } from './table.ts'

type Promised = components['schemas']['Promise']
type Verdict = Promised['verdict']

const STYLE = { kept: 'green', broken: 'red', unknown: 'dim', unexercised: 'yellow' } as const
const SHAPE = { kept: '■', broken: '✗', unknown: '░', unexercised: '□' } as const

/** A verdict with its shape: solid, gone, in fog, outlined. */
export function verdictCell(verdict: Verdict): Cell {
  return { text: `${SHAPE[verdict]} ${verdict}`, style: STYLE[verdict] }
}

/** `31 of 34 kept, 1 broken, 2 unknown.`; promises that are not made do not count. */
export function summaryOf(promises: readonly Promised[]): string {
  const made = promises.filter((one) => one.dropped === null)
  const of = (verdict: Verdict) => made.filter((one) => one.verdict === verdict).length
  const others = (['broken', 'unknown', 'unexercised'] as const)
    .filter((verdict) => of(verdict) > 0)
    .map((verdict) => `, ${of(verdict)} ${verdict}`)
  return `${of('kept')} of ${made.length} kept${others.join('')}.`
}

/** `37 of 37 instances`; a dash where nothing was counted. */
export function populationOf({ population }: Promised): string {
  return population === null ? '–' : `${population.kept} of ${population.all} ${population.of.en}`
}

/** The sentence with its numbers, in English. */
export const sentenceOf = (promise: Promised): string => promise.says.en.map((piece) => piece.text).join('')

/** 1 when a promise is broken, 3 when one cannot be told and none is broken. */
export function exitCodeOf(promises: readonly Promised[]): ExitCode {
  const made = promises.filter((one) => one.dropped === null)
  if (made.some((one) => one.verdict === 'broken')) return EXIT.broken
  return made.some((one) => one.verdict === 'unknown') ? EXIT.unknown : EXIT.fine
}

export const promiseArgument = () =>
  new Argument('<promise>', 'id of a promise; see `borgen promise list`').argParser(reference)
