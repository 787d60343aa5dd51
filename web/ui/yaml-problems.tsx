import type { YamlProblem } from '../data/approvals.ts'
import { useWords } from '../words/language.ts'
import { overviewWords } from '../words/overview.ts'
import { WithCode } from './states.tsx'

/** What is wrong in a file: place, what was found, what was expected, and what to do. */
export function YamlProblems({
  problems,
  isMild = false,
  onGo,
}: {
  problems: readonly YamlProblem[]
  isMild?: boolean
  /** Goes to a line, where the text stands beside it. */
  onGo?(line: number): void
}) {
  const words = useWords(overviewWords)
  if (problems.length === 0) return null
  return (
    <ul className={`mt-3 border-l-2 pl-4 text-14 ${isMild ? 'border-line-strong' : 'border-broken'}`}>
      {problems.map((one) => (
        <li key={`${one.line} ${one.at} ${one.found}`} className="py-1.5">
          <p>
            {onGo ? (
              <button
                type="button"
                className="mr-2 text-accent underline underline-offset-3"
                onClick={() => onGo(one.line)}
              >
                {words.line(String(one.line))}
              </button>
            ) : (
              <span className="mr-2 text-quiet">{words.line(String(one.line))}</span>
            )}
            <code>{one.at}</code>: {words.found}{' '}
            <strong>
              <WithCode text={one.found} />
            </strong>
            , {words.expected} <WithCode text={one.expected} />
          </p>
          <p className="text-quiet">
            <WithCode text={one.remedy} />
          </p>
        </li>
      ))}
    </ul>
  )
}
