import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { type Artefact, mapQuery, type RegionOnMap } from '../data/places.ts'
import { PageFrame, Section } from '../ui/page-frame.tsx'
import { Empty, LoadingLines, ProblemNote } from '../ui/states.tsx'
import { artefactsPerDot, WorldMap } from '../ui/world-map.tsx'
import { useLanguage, useWords } from '../words/language.ts'
import { regionWords } from '../words/regions.ts'
import { sayAgo, sayDay, sayNumber, useNow } from '../words/times.ts'
import { ArtefactList } from './artefact-list.tsx'

const PROMISE = 'location.pinned'

/** Every artefact on the map, as the proof of places last saw it. */
export function RegionsPage() {
  const words = useWords(regionWords)
  const language = useLanguage()
  const now = useNow()
  const { region } = useSearch({ from: '/regions' })
  const { data, error, refetch } = useQuery(mapQuery)
  const number = (value: number) => sayNumber(value, language)
  if (!data)
    return (
      <PageFrame title={words.title}>
        {error ? <ProblemNote error={error} retry={() => void refetch()} /> : <LoadingLines count={10} />}
      </PageFrame>
    )
  const { regions, total, seenAt, outside, wrong, untold } = data
  if (total === 0 || seenAt === null)
    return (
      <PageFrame title={words.title}>
        <WorldMap regions={regions} outside={[]} chosen={undefined} />
        <Empty title={words.notSeen}>
          <p>{words.notSeenRemedy}</p>
          <Link to="/promises/$promise" params={{ promise: PROMISE }}>
            {words.toPromise}
          </Link>
        </Empty>
      </PageFrame>
    )
  const per = artefactsPerDot(regions)
  return (
    <PageFrame
      title={words.title}
      lead={
        <>
          {wrong > 0 ? (
            <strong className="text-broken">{words.outside(number(wrong), number(total))}</strong>
          ) : untold === 0 ? (
            words.allInside(number(total))
          ) : null}{' '}
          {untold > 0 ? words.untold(number(untold)) : null} {words.seen(sayAgo(seenAt, now, language))}
        </>
      }
    >
      {outside.length > 0 ? <Alarm outside={outside} /> : null}
      <WorldMap regions={regions} outside={outside} chosen={region} />
      <p className="mt-2 text-13 text-quiet">{per === 1 ? words.oneDot : words.perDot(number(per))}</p>
      <Regions regions={regions} chosen={region} />
      <ArtefactList region={region} />
    </PageFrame>
  )
}

/** What lies where it must not, in words and before everything else. */
function Alarm({ outside }: { outside: readonly Artefact[] }) {
  const words = useWords(regionWords)
  const nameOf = (id: string | null) =>
    id === null ? words.somewhere : (words.regions[id as keyof typeof words.regions] ?? id)
  return (
    <section aria-label={words.alarm} className="mb-6 border-l-4 border-broken py-1 pl-4">
      <ul className="text-14">
        {outside.slice(0, 8).map((one) => (
          <li key={`${one.where.path} ${one.kind}`} className="py-0.5">
            <strong className="text-broken">
              {one.company ?? one.instance ?? words.nobody}: {words.kinds[one.kind]}
            </strong>{' '}
            {words.wrong(nameOf(one.where.region), nameOf(one.region))}
            <code className="block break-all text-quiet">{one.where.path}</code>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Regions({ regions, chosen }: { regions: readonly RegionOnMap[]; chosen: string | undefined }) {
  const words = useWords(regionWords)
  const language = useLanguage()
  const number = (value: number) => sayNumber(value, language)
  const head = 'border-b border-line-strong py-2 text-13 font-semibold text-quiet'
  return (
    <Section title={words.table} id="by-region">
      <table className="w-full text-14">
        <thead>
          <tr>
            <th className={`${head} text-left`}>{words.region}</th>
            <th className={`${head} hidden text-left md:table-cell`}>{words.place}</th>
            <th className={`${head} text-right`}>{words.artefacts}</th>
            <th className={`${head} hidden text-right md:table-cell`}>{words.instances}</th>
            <th className={`${head} text-right`}>{words.outsideHead}</th>
            <th className={`${head} hidden text-right md:table-cell`}>{words.untoldHead}</th>
          </tr>
        </thead>
        <tbody>
          {regions.map((one) => {
            const name = words.regions[one.id as keyof typeof words.regions] ?? one.name
            const signed =
              one.attestedUntil === null
                ? words.notAttested
                : words.attested(sayDay(one.attestedUntil, language))
            return (
              <tr key={one.id} className={`border-b border-line ${chosen === one.id ? 'bg-sunk' : ''}`}>
                <th scope="row" className="py-2.5 text-left">
                  <Link
                    from="/regions"
                    search={chosen === one.id ? {} : { region: one.id as never }}
                    resetScroll={false}
                    aria-label={words.show(name)}
                    aria-current={chosen === one.id}
                    className="text-ink no-underline hover:text-accent"
                  >
                    {name}
                  </Link>
                </th>
                <td className="hidden py-2.5 text-quiet md:table-cell">
                  {one.place.label}
                  {one.counts.artefacts > 0 || one.attestedUntil !== null ? `, ${signed}` : ''}
                  {one.simulated ? ` (${words.simulated})` : ''}
                </td>
                <td className="py-2.5 text-right">{number(one.counts.artefacts)}</td>
                <td className="hidden py-2.5 text-right md:table-cell">{number(one.counts.instances)}</td>
                <td
                  className={`py-2.5 text-right ${one.counts.outside > 0 ? 'font-bold text-broken' : 'text-quiet'}`}
                >
                  {number(one.counts.outside)}
                </td>
                <td className="hidden py-2.5 text-right text-quiet md:table-cell">
                  {number(one.counts.untold)}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </Section>
  )
}
