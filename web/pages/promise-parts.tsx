import { useState } from 'react'
import type { Finding, PromiseDetail, Verdict } from '../data/promises.ts'
import { Mark, VerdictMark } from '../ui/mark.tsx'
import { Section } from '../ui/page-frame.tsx'
import { Reason } from '../ui/reason.tsx'
import { useLanguage, useWords } from '../words/language.ts'
import { promiseWords } from '../words/promise.ts'
import { sayNumber } from '../words/times.ts'

const WORST_FIRST: readonly Finding['state'][] = ['broken', 'unknown', 'unexercised', 'kept', 'absent']
const SHOWN_AT_FIRST = 8

/** The parts of the sentence with what was found of each: failures first, then what nobody can tell. */
export function PromiseParts({ promise }: { promise: PromiseDetail }) {
  const words = useWords(promiseWords)
  const findings = new Map(promise.findings.map((one) => [one.part, one]))
  const rank = (id: string) => {
    const found = findings.get(id)
    return found ? WORST_FIRST.indexOf(found.state) : 1.5
  }
  const parts = [...promise.parts].sort((a, b) => rank(a.id) - rank(b.id))
  return (
    <Section
      title={words.parts}
      id="parts"
      aside={<p className="text-14 text-quiet">{parts.length > 1 ? words.partsLead : ''}</p>}
    >
      <ul>
        {parts.map((part) => (
          <Part key={part.id} title={part.title} finding={findings.get(part.id)} />
        ))}
      </ul>
    </Section>
  )
}

function Part({
  title,
  finding,
}: {
  title: PromiseDetail['parts'][number]['title']
  finding: Finding | undefined
}) {
  const words = useWords(promiseWords)
  const language = useLanguage()
  return (
    <li className="grid gap-x-8 gap-y-2 border-b border-line py-4 md:grid-cols-[minmax(0,3fr)_minmax(0,7fr)]">
      <div>
        <h3 className="text-16 first-letter:uppercase">{title[language]}</h3>
        <p className="mt-1 text-14">
          {finding?.state === 'absent' ? (
            <span className="inline-flex items-baseline gap-2 text-quiet">
              <Mark verdict="none" />
              {words.absent}
            </span>
          ) : (
            <VerdictMark verdict={(finding?.state as Verdict | undefined) ?? 'unknown'} />
          )}
        </p>
      </div>
      <div className="min-w-0 text-14">
        <p>
          {finding ? <Reason text={finding.reason} /> : words.unproved}
          {finding?.population ? (
            <span className="text-quiet">
              {' '}
              {sayNumber(finding.population.kept, language)}/{sayNumber(finding.population.all, language)}{' '}
              {finding.population.of[language]}
            </span>
          ) : null}
        </p>
        {finding?.remedy ? (
          <p className="mt-1 text-quiet">
            <Reason text={finding.remedy} />
          </p>
        ) : null}
        {finding?.evidence?.length ? <Evidence rows={finding.evidence} /> : null}
      </div>
    </li>
  )
}

type Row = NonNullable<Finding['evidence']>[number]
const rankOf = (row: Row) => (row.isAsPromised === false ? 0 : row.isAsPromised === null ? 1 : 2)

function Evidence({ rows }: { rows: readonly Row[] }) {
  const words = useWords(promiseWords)
  const [isWhole, setWhole] = useState(false)
  const sorted = [...rows].sort((a, b) => rankOf(a) - rankOf(b))
  const shown = isWhole ? sorted : sorted.slice(0, SHOWN_AT_FIRST)
  return (
    <>
      <table className="mt-3 w-full text-13 sm:table-fixed">
        <caption className="sr-only">{words.evidence}</caption>
        <tbody>
          {shown.map((row) => (
            <tr key={JSON.stringify([row.what, row.seen])} className="border-t border-line align-baseline">
              <th
                scope="row"
                className={`py-1.5 pr-4 text-left font-normal ${typeof row.what === 'string' ? 'font-mono' : ''}`}
              >
                <Reason text={row.what} />
              </th>
              <td className="py-1.5 pr-4">
                <Reason text={row.seen} />
              </td>
              <td className="w-6 py-1.5 sm:w-34">
                <span
                  className={`flex items-baseline gap-2 ${row.isAsPromised === false ? 'text-broken' : 'text-quiet'}`}
                >
                  <Mark
                    verdict={row.isAsPromised === null ? 'unknown' : row.isAsPromised ? 'kept' : 'broken'}
                  />
                  <span className="max-sm:sr-only">
                    {row.isAsPromised === null
                      ? words.cannotTell
                      : row.isAsPromised
                        ? words.asPromised
                        : words.notAsPromised}
                  </span>
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {sorted.length > shown.length ? (
        <button
          type="button"
          className="mt-2 min-h-8 text-14 text-accent underline underline-offset-3"
          onClick={() => setWhole(true)}
        >
          {words.moreEvidence(sorted.length - shown.length)}
        </button>
      ) : null}
    </>
  )
}
