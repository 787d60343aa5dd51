import type { components } from '../data/api.ts'
import { useLanguage } from '../words/language.ts'

type Pieces = components['schemas']['Sentence']

/** `90 days` stays on one line; a list of regions does not. */
const UNBROKEN = 24

/** A promise's sentence; the numbers that a customer can read are set apart from its words. */
export function Sentence({ says }: { says: Pieces }) {
  const pieces = says[useLanguage()]
  return pieces.map((piece, at) =>
    piece.parameter === undefined ? (
      // The pieces of a sentence have no other name than their place.
      // biome-ignore lint/suspicious/noArrayIndexKey: they never move
      <span key={at}>{piece.text}</span>
    ) : (
      <strong
        key={piece.parameter}
        className={`font-[650] text-accent ${piece.text.length > UNBROKEN ? '' : 'whitespace-nowrap'}`}
        data-parameter={piece.parameter}
      >
        {piece.text}
      </strong>
    ),
  )
}
