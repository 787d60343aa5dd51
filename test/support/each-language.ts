import assert from 'node:assert/strict'
import { LANGUAGES, type Words } from '../../src/pledges/pledge.ts'
import type { Finding } from '../../src/pledges/verdict.ts'

const digits = (text: string) => [...text.replace(/\D/g, '')].sort().join('')

/** Each language says something or none does, and all name the same numbers. */
export function assertSaysTheSame(words: Words): void {
  for (const language of LANGUAGES) {
    assert.equal(digits(words[language]), digits(words.en), JSON.stringify(words))
    assert.equal(words[language] === '', words.en === '', JSON.stringify(words))
    assert.doesNotMatch(words[language], /undefined|\[object|\{\w+\}|\bP\d+[DYM]\b|\bPT\d+[HMS]\b/)
  }
}

/** The same of all that these findings say; answers them. */
export function saidInEachLanguage<Found extends readonly Finding[]>(findings: Found): Found {
  for (const { reason, remedy, population, evidence = [] } of findings)
    for (const one of [reason, remedy, population?.of, ...evidence.flatMap(({ what, seen }) => [what, seen])])
      if (typeof one === 'object') assertSaysTheSame(one)
  return findings
}
