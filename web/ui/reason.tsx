import { type InEachLanguage, useLanguage } from '../words/language.ts'
import { WithCode } from './states.tsx'

/** What a proof says, in the language chosen; a string is no language's. */
export function Reason({ text }: { text: InEachLanguage | string }) {
  const language = useLanguage()
  return <WithCode text={typeof text === 'string' ? text : text[language]} />
}
