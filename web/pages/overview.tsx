import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type Overview, overviewHistoryQuery, overviewQuery, type PromiseChange } from '../data/approvals.ts'
import { ProposeForm } from '../forms/propose.tsx'
import { Command } from '../ui/command.tsx'
import { PageFrame, Section } from '../ui/page-frame.tsx'
import { LoadingLines, ProblemNote } from '../ui/states.tsx'
import { YamlProblems } from '../ui/yaml-problems.tsx'
import { useLanguage, useWords } from '../words/language.ts'
import { overviewWords } from '../words/overview.ts'
import { sayMoment, useNow } from '../words/times.ts'

/** Answers: what have we promised, and since when? */
export function OverviewPage() {
  const words = useWords(overviewWords)
  const { data, error, refetch } = useQuery(overviewQuery)
  if (!data)
    return (
      <PageFrame title={words.title}>
        {error ? <ProblemNote error={error} retry={() => void refetch()} /> : <LoadingLines />}
      </PageFrame>
    )
  return (
    <PageFrame title={words.title}>
      <div className="grid grid-cols-1 gap-x-16 lg:grid-cols-2">
        <InForce inForce={data.inForce} />
        <File file={data.file} />
      </div>
      {data.proposals.some((one) => one.state === 'open') ? (
        <Section title={words.proposals} id="proposals">
          <ul>
            {data.proposals
              .filter((one) => one.state === 'open')
              .map((one) => (
                <li
                  key={one.id}
                  className="flex flex-wrap items-start gap-x-8 gap-y-2 border-b border-line py-3"
                >
                  <Changes changes={one.changes} />
                  <Link to="/approvals" hash={one.approval} className="ml-auto text-14">
                    {words.toApproval}
                  </Link>
                </li>
              ))}
          </ul>
        </Section>
      ) : null}
      <Section title={words.propose} id="propose">
        <ProposeForm inForce={data.inForce?.text ?? ''} />
      </Section>
      <History />
    </PageFrame>
  )
}

function InForce({ inForce }: { inForce: Overview['inForce'] }) {
  const words = useWords(overviewWords)
  const language = useLanguage()
  const now = useNow()
  return (
    <section aria-labelledby="in-force" className="min-w-0 border-t border-line-strong pt-4">
      <h2 id="in-force" className="text-20">
        {words.inForce}
      </h2>
      {inForce ? (
        <>
          <p className="mt-1 text-14 text-quiet">
            {words.approved(inForce.approvedBy.name, sayMoment(inForce.approvedAt, now, language))}
            {inForce.manner ? ` (${words.manners[inForce.manner]})` : ''}
          </p>
          <div className="mt-3">
            <Command text={inForce.text} />
          </div>
        </>
      ) : (
        <p className="mt-2">{words.registerAlone}</p>
      )}
    </section>
  )
}

function File({ file }: { file: Overview['file'] }) {
  const words = useWords(overviewWords)
  return (
    <section aria-labelledby="file" className="min-w-0 border-t border-line-strong pt-4 max-lg:mt-8">
      <h2 id="file" className="text-20">
        {words.file}
      </h2>
      <p className="mt-2">
        <code className="break-all">{file.path}</code> {words.files[file.state]}
      </p>
      <YamlProblems problems={file.problems} />
      {file.changes.length > 0 ? (
        <>
          <h3 className="mt-4 text-14 text-quiet">{words.wouldChange}</h3>
          <Changes changes={file.changes} />
        </>
      ) : null}
    </section>
  )
}

/** What would be said from then on. */
export function Changes({ changes }: { changes: readonly PromiseChange[] }) {
  const language = useLanguage()
  return (
    <ul className="max-w-[68ch]">
      {changes.map((change) => (
        <li key={`${change.promise} ${change.what} ${change.parameter}`} className="py-1">
          {change.sentence[language]}
        </li>
      ))}
    </ul>
  )
}

function History() {
  const words = useWords(overviewWords)
  const language = useLanguage()
  const now = useNow()
  const { data, error } = useQuery(overviewHistoryQuery)
  return (
    <Section title={words.history} id="history">
      {error && !data ? <ProblemNote error={error} /> : null}
      {data?.length === 0 ? <p className="text-quiet">{words.noHistory}</p> : null}
      <ol>
        {data?.map((item) => (
          <li
            key={`${item.at} ${item.promise} ${item.what} ${item.parameter}`}
            className="grid gap-x-6 border-b border-line py-2 text-14 md:grid-cols-[170px_1fr]"
          >
            <time className="text-quiet" dateTime={new Date(item.at).toISOString()}>
              {sayMoment(item.at, now, language)}
            </time>
            <span>{item.line[language]}</span>
          </li>
        ))}
      </ol>
    </Section>
  )
}
