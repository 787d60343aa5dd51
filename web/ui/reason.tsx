import { useLanguage } from '../words/language.ts'
import { WithCode } from './states.tsx'

// The proofs write their findings in English, as they go into the log; what every unproved promise says is said in each language.
const ALSO_IN_SWEDISH: Readonly<Record<string, string>> = {
  'No proof yet.': 'Kan ännu inte prövas.',
}

/** Why a promise stands as it does, in the proof's own words. */
export function Reason({ text }: { text: string }) {
  const language = useLanguage()
  const swedish = ALSO_IN_SWEDISH[text]
  if (language === 'sv' && swedish !== undefined) return swedish
  return language === 'en' ? (
    <WithCode text={text} />
  ) : (
    <span lang="en">
      <WithCode text={text} />
    </span>
  )
}
