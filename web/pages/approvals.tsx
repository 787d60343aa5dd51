import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { type Approval, approvalsQuery } from '../data/approvals.ts'
import { meQuery } from '../data/session.ts'
import { DecideForm } from '../forms/decide.tsx'
import { PageFrame } from '../ui/page-frame.tsx'
import { Empty, LoadingLines, ProblemNote } from '../ui/states.tsx'
import { approvalWords } from '../words/approvals.ts'
import { useLanguage, useWords } from '../words/language.ts'
import { sayAgo, sayMoment, useNow } from '../words/times.ts'

/** Answers: what waits for a second person? */
export function ApprovalsPage() {
  const words = useWords(approvalWords)
  const { show } = useSearch({ from: '/approvals' })
  const { data, error, refetch } = useQuery(approvalsQuery(show ?? 'open'))
  const tab = (value: 'all' | undefined, says: string) => (
    <Link
      to="/approvals"
      search={value ? { show: value } : {}}
      aria-current={show === value ? 'true' : undefined}
      className={`border-b-2 px-1 py-1 text-14 no-underline ${show === value ? 'border-accent font-semibold text-ink' : 'border-transparent text-quiet'}`}
    >
      {says}
    </Link>
  )
  return (
    <PageFrame
      title={words.title}
      aside={
        <div className="flex gap-4">
          {tab(undefined, words.open)}
          {tab('all', words.all)}
        </div>
      }
    >
      {error && !data ? (
        <ProblemNote error={error} retry={() => void refetch()} />
      ) : !data ? (
        <LoadingLines />
      ) : data.length === 0 ? (
        <Empty title={show ? words.noneAll : words.none}>{words.noneLead}</Empty>
      ) : (
        <ul className="border-t border-line-strong">
          {data.map((approval) => (
            <Asked key={approval.id} approval={approval} />
          ))}
        </ul>
      )}
    </PageFrame>
  )
}

function Asked({ approval }: { approval: Approval }) {
  const words = useWords(approvalWords)
  const language = useLanguage()
  const now = useNow()
  const me = useQuery(meQuery).data
  const { decidedBy, decidedAt, state } = approval
  return (
    <li
      id={approval.id}
      className="grid grid-cols-1 gap-x-12 gap-y-5 border-b border-line py-6 lg:grid-cols-[1fr_320px]"
    >
      <div className="min-w-0">
        <h2 className="text-20">{approval.title[language]}</h2>
        <p className="mt-1 text-14 text-quiet">
          {words.by(approval.requestedBy.name, sayAgo(approval.requestedAt, now, language))}
          {state === 'open' ? `, ${words.expires(sayAgo(approval.expiresAt, now, language))}` : ''}
        </p>
        <h3 className="mt-5 text-14 text-quiet">{words.agreed}</h3>
        <ul className="mt-1 border-l-2 border-accent pl-4">
          {approval.preview.map((line) => (
            <li key={line.en} className="py-1">
              {line[language]}
            </li>
          ))}
        </ul>
        <p className="mt-3 text-13 text-quiet">
          SHA-256 <code className="break-all">{approval.digest}</code>
        </p>
      </div>
      {state === 'open' ? (
        <DecideForm approval={approval} isMine={approval.requestedBy.id === me?.person?.id} />
      ) : (
        <div className="text-14">
          <p className="font-semibold first-letter:uppercase">
            {decidedBy && decidedAt !== null
              ? words.decided(words.states[state], decidedBy.name, sayMoment(decidedAt, now, language))
              : words.states[state]}
          </p>
          {approval.reason ? (
            <p className="mt-1 text-quiet">
              {words.reason}: {approval.reason}
            </p>
          ) : null}
        </div>
      )}
    </li>
  )
}
