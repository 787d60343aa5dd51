import { InvalidArgumentError, Option } from 'commander'
import { isoOf } from '../kernel/clock.ts'

/** Takes any text but an empty one. */
export function notEmpty(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It is empty.')
  return text
}

/** Takes a whole number within these bounds. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
    if (!(number >= least && number <= most))
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`)
    return number
  }
}

/** Takes a country as ISO 3166-1 writes it, in small letters too. */
export function country(text: string): string {
  if (!/^[A-Za-z]{2}$/.test(text))
    throw new InvalidArgumentError('It must be a country code of two letters, such as SE.')
  return text.toUpperCase()
}

/** Takes something that could be an e-mail address; the server looks closer. */
export function email(text: string): string {
  if (!/^[^\s@]+@[^\s@]+$/.test(text)) throw new InvalidArgumentError('It must be an e-mail address.')
  return text
}

/** Takes a day as ISO 8601 writes it; the answer is its last moment in UTC, in milliseconds. */
export function day(text: string): number {
  const end = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T23:59:59.999Z`) : Number.NaN
  // Date.parse takes 30 February for 2 March.
  if (Number.isNaN(end) || isoOf(end).slice(0, 10) !== text)
    throw new InvalidArgumentError('It must be a day such as 2027-11-30.')
  return end
}

/** Takes a name or an id as it may stand in an address. */
export function reference(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/.test(text))
    throw new InvalidArgumentError('It must be a name or an id.')
  return text
}

/** Takes the type of an entry of the log, such as `account.signed-up`. */
export function entryType(text: string): string {
  if (!/^[a-z][a-z0-9-]{0,63}(\.[a-z][a-z0-9-]{0,63}){1,3}$/.test(text))
    throw new InvalidArgumentError('It must be words with dots between them, such as account.signed-up.')
  return text
}

/** `--limit`: how many items at most. */
export function limitOption(what: string): Option {
  return new Option('--limit <number>', `at most so many ${what}`).argParser(wholeNumber(1, 1_000_000))
}

/** `--wait` and `--no-wait`: stay until it is done. Undefined when neither was given. */
export function waitOptions(what: string): Option[] {
  return [
    new Option('--wait', `stay until ${what} (what happens anyway on a terminal)`),
    new Option('--no-wait', 'return at once'),
  ]
}
