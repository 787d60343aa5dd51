import type { PromiseDetail } from '../data/promises.ts'
import { Section } from '../ui/page-frame.tsx'
import { useLanguage, useWords } from '../words/language.ts'
import { promiseWords } from '../words/promise.ts'
import { sayMoment, useNow } from '../words/times.ts'

/** How the wording and the numbers changed, newest first; nothing public disappears without a line here. */
export function PromiseChanges({ promise }: { promise: PromiseDetail }) {
  const words = useWords(promiseWords)
  const language = useLanguage()
  const now = useNow()
  const { changes } = promise
  if (changes.length === 0) return null
  return (
    <Section title={words.whatChanged} id="changes">
      <ol>
        {[...changes]
          .sort((a, b) => b.at - a.at)
          .map((change) => (
            <li
              key={`${change.at} ${change.what} ${change.parameter}`}
              className="grid gap-x-6 border-b border-line py-2 text-14 md:grid-cols-[170px_1fr_260px]"
            >
              <time className="text-quiet" dateTime={new Date(change.at).toISOString()}>
                {sayMoment(change.at, now, language)}
              </time>
              <span>{change.line[language]}</span>
              <span className="text-quiet md:text-right">{change.by.name}</span>
            </li>
          ))}
      </ol>
    </Section>
  )
}
