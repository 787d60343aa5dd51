import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { type AccountDetail, accountQuery, stateOf } from '../data/fleet.ts'
import { useActorNames } from '../data/who.ts'
import { buttonLook } from '../ui/button.tsx'
import { Facts } from '../ui/facts.tsx'
import { InstanceMark } from '../ui/instance-mark.tsx'
import { LifeLine } from '../ui/life-line.tsx'
import { PageFrame, Section } from '../ui/page-frame.tsx'
import { LoadingLines, ProblemNote } from '../ui/states.tsx'
import { accountWords } from '../words/account.ts'
import { countryName } from '../words/countries.ts'
import { fleetWords } from '../words/fleet.ts'
import { useLanguage, useWords } from '../words/language.ts'
import { sayAgo, sayDay, sayMoment, useNow } from '../words/times.ts'

/** The noon of a calendar date; near enough for drawing it. */
const noonOf = (date: string) => Date.parse(`${date}T12:00:00Z`)

/** One customer: plan, place and why, the instance, and everything that happened. */
export function AccountPage() {
  const { account } = useParams({ from: '/accounts/$account' })
  const { data, error, refetch } = useQuery(accountQuery(account))
  const words = useWords(fleetWords)
  if (data) return <Shown account={data} />
  return (
    <PageFrame title={words.columns.company}>
      {error ? <ProblemNote error={error} retry={() => void refetch()} /> : <LoadingLines />}
    </PageFrame>
  )
}

function Shown({ account }: { account: AccountDetail }) {
  const words = useWords(accountWords)
  const fleet = useWords(fleetWords)
  const language = useLanguage()
  const now = useNow()
  const { instance } = account
  const ends = account.trialEndsOn === null ? null : noonOf(account.trialEndsOn)
  const plan =
    ends === null
      ? fleet.plans[account.plan]
      : (ends < now ? words.trialOver : words.trialUntil)(sayDay(ends, language))
  return (
    <PageFrame
      title={account.company}
      lead={`${plan} · ${fleet.regions[account.region]} · ${fleet.accountStates[account.state]}`}
    >
      <section aria-labelledby="life">
        <h2 id="life" className="mb-3 text-20">
          {words.life}
        </h2>
        <LifeLine from={account.createdAt} now={now} trialEnds={ends} events={account.events} />
      </section>
      <div className="grid gap-x-16 lg:grid-cols-2">
        <div>
          <Facts
            items={[
              [
                words.contact,
                <a key="mail" href={`mailto:${account.email}`}>
                  {account.email}
                </a>,
              ],
              [fleet.columns.country, countryName(account.country, language)],
              [words.region, fleet.regions[account.region]],
              [words.why, account.regionWhy[language]],
              [words.clock, account.timeZone],
              [words.id, <code key="id">{account.id}</code>],
            ]}
          />
        </div>
        <section aria-labelledby="instance" className="mt-8 lg:mt-0">
          <h2 id="instance" className="sr-only">
            {words.instance}
          </h2>
          {instance === null ? (
            <p className="border-b border-line py-2.5 text-14 text-quiet">{words.noInstance}</p>
          ) : (
            <>
              <Facts
                items={[
                  [words.instance, <InstanceMark key="state" state={stateOf(instance)} />],
                  [words.app, `${instance.app} ${instance.version}`],
                  [words.address, instance.url.replace('https://', '')],
                  [
                    words.lastUsed,
                    instance.lastUsedAt === null ? words.never : sayAgo(instance.lastUsedAt, now, language),
                  ],
                ]}
              />
              <p className="mt-4 flex flex-wrap gap-3">
                <Link
                  to="/instances/$instance"
                  params={{ instance: instance.id }}
                  className={buttonLook('plain', 'small')}
                >
                  {words.toInstance}
                </Link>
                <Link to="/log" search={{ subject: instance.id }} className={buttonLook('quiet', 'small')}>
                  {words.toLog}
                </Link>
              </p>
            </>
          )}
        </section>
      </div>
      <Events account={account} />
    </PageFrame>
  )
}

function Events({ account }: { account: AccountDetail }) {
  const words = useWords(accountWords)
  const language = useLanguage()
  const now = useNow()
  const nameOf = useActorNames()
  const newest = [...account.events].reverse()
  return (
    <Section title={words.events} id="events">
      {newest.length === 0 ? <p className="text-quiet">{words.noEvents}</p> : null}
      <ol className="text-14">
        {newest.map((event) => (
          <li
            key={event.id}
            className="grid gap-x-6 border-b border-line py-2.5 sm:grid-cols-[168px_minmax(0,1fr)_auto]"
          >
            <time dateTime={new Date(event.at).toISOString()} className="whitespace-nowrap text-quiet">
              {sayMoment(event.at, now, language)}
            </time>
            <span>{words.types[event.type as keyof typeof words.types] ?? event.type}</span>
            <span className="text-quiet">{words.by(nameOf(event.actor))}</span>
          </li>
        ))}
      </ol>
    </Section>
  )
}
