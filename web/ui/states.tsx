import type { ReactNode } from 'react'
import { isApiProblem } from '../data/api.ts'
import { useWords } from '../words/language.ts'
import { shellWords } from '../words/shell.ts'
import { Button } from './button.tsx'

/** The shape of lines that are still to come; takes the room that they will take. */
export function LoadingLines({ count = 6 }: { count?: number }) {
  const words = useWords(shellWords)
  return (
    <div role="status" aria-label={words.loading}>
      {Array.from({ length: count }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: all alike
        <div key={at} className="border-b border-line py-3">
          <div className="h-3.5 rounded-[2px] bg-sunk" style={{ width: `${30 + ((at * 37) % 50)}%` }} />
        </div>
      ))}
    </div>
  )
}

/** Nothing is there: says so, and what to do next. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="border-y border-line py-10">
      <p className="text-20 font-semibold">{title}</p>
      {children ? <div className="mt-2 max-w-[68ch] text-quiet">{children}</div> : null}
    </div>
  )
}

/** Commands stand between backticks in sentences that a terminal shows too. */
export function WithCode({ text }: { text: string }) {
  return text.split('`').map((part, at) =>
    at % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one sentence never move
      <code key={at} className="break-words text-ink">
        {part}
      </code>
    ) : (
      part
    ),
  )
}

/** What went wrong and what to do about it, as the server says it. */
export function ProblemNote({ error, retry }: { error: unknown; retry?: () => void }) {
  const words = useWords(shellWords)
  const problem = isApiProblem(error) ? error.problem : undefined
  const remedy = problem ? problem.remedy : words.failedRemedy
  return (
    <div role="alert" className="border-l-2 border-broken py-1 pl-4">
      <p className="font-semibold text-broken">{problem?.detail ?? words.failed}</p>
      {remedy ? (
        <p className="mt-1 max-w-[68ch] text-14 text-quiet">
          <WithCode text={remedy} />
        </p>
      ) : null}
      {problem?.errors?.length ? (
        <ul className="mt-2 text-14">
          {problem.errors.map((one) => (
            <li key={`${one.at} ${one.expected}`}>
              <code>{one.at}</code> {one.expected}
            </li>
          ))}
        </ul>
      ) : null}
      {problem?.instance ? (
        <p className="mt-1 text-13 text-quiet">
          {words.request} <code>{problem.instance}</code>
        </p>
      ) : null}
      {retry ? (
        <Button size="small" className="mt-3" onClick={retry}>
          {words.again}
        </Button>
      ) : null}
    </div>
  )
}
