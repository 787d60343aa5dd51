import { useQuery } from '@tanstack/react-query'
import { Link, useParams, useSearch } from '@tanstack/react-router'
import { type Instance, instanceQuery, stateOf } from '../data/fleet.ts'
import { outputQuery } from '../data/log.ts'
import { useMay } from '../data/who.ts'
import { InstanceActions } from '../forms/instance-actions.tsx'
import { Facts } from '../ui/facts.tsx'
import { InstanceMark } from '../ui/instance-mark.tsx'
import { OutputTail } from '../ui/output-tail.tsx'
import { PageFrame, Section } from '../ui/page-frame.tsx'
import { LoadingLines, ProblemNote } from '../ui/states.tsx'
import { fleetWords } from '../words/fleet.ts'
import { instanceWords } from '../words/instance.ts'
import { useLanguage, useWords } from '../words/language.ts'
import { sayAgo, sayMoment, useNow } from '../words/times.ts'
import { InstanceUsage } from './instance-usage.tsx'

/** One instance: how it is, what it used, what it says, and what can be done with it. */
export function InstancePage() {
  const { instance } = useParams({ from: '/instances/$instance' })
  const { data, error, refetch } = useQuery(instanceQuery(instance))
  const words = useWords(instanceWords)
  if (data) return <Shown instance={data} />
  return (
    <PageFrame title={words.title}>
      {error ? <ProblemNote error={error} retry={() => void refetch()} /> : <LoadingLines />}
    </PageFrame>
  )
}

const WISHED = { awake: 'awake', asleep: 'asleep', suspended: 'suspended', destroyed: 'destroyed' } as const

function Shown({ instance }: { instance: Instance }) {
  const words = useWords(instanceWords)
  const fleet = useWords(fleetWords)
  const language = useLanguage()
  const now = useNow()
  const { hours = 24 } = useSearch({ from: '/instances/$instance' })
  const state = stateOf(instance)
  const isOnItsWay = state !== WISHED[instance.desired] && state !== 'failed'
  return (
    <PageFrame
      title={instance.company}
      lead={
        <>
          <InstanceMark state={state} />
          {isOnItsWay ? <span>, {words.becomes(fleet.states[WISHED[instance.desired]])}</span> : null}
        </>
      }
      aside={<InstanceActions instance={instance} />}
    >
      {instance.failure ? (
        <p className="mb-8 border-l-2 border-broken py-1 pl-4">
          <span className="block text-14 text-quiet">{words.failure}</span>
          {instance.failure}
        </p>
      ) : null}
      <div className="grid gap-x-16 lg:grid-cols-2">
        <Facts
          items={[
            [
              words.of,
              <Link key="account" to="/accounts/$account" params={{ account: instance.account }}>
                {instance.company}
              </Link>,
            ],
            [words.app, `${instance.app} ${instance.version}`],
            [words.address, instance.url.replace('https://', '')],
          ]}
        />
        <Facts
          items={[
            [words.region, fleet.regions[instance.region as keyof typeof fleet.regions]],
            [
              words.lastUsed,
              instance.lastUsedAt === null ? words.never : sayAgo(instance.lastUsedAt, now, language),
            ],
            [words.since, sayMoment(instance.createdAt, now, language)],
            [words.id, <code key="id">{instance.id}</code>],
          ]}
        />
      </div>
      <InstanceUsage instance={instance.id} hours={hours} isAwake={state === 'awake'} />
      <Tail instance={instance.id} />
      <Limits instance={instance} />
    </PageFrame>
  )
}

function Tail({ instance }: { instance: string }) {
  const words = useWords(instanceWords)
  const mayRead = useMay('instance.logs')
  const { data, error, refetch } = useQuery({ ...outputQuery(instance), enabled: mayRead === true })
  return (
    <Section
      title={words.tail}
      id="tail"
      aside={
        <Link to="/log" search={{ subject: instance }} className="text-14">
          {words.tailAll}
        </Link>
      }
    >
      {error ? (
        <ProblemNote error={error} retry={() => void refetch()} />
      ) : data === undefined ? (
        <LoadingLines count={4} />
      ) : data.length === 0 ? (
        <p className="py-2 text-quiet">{words.tailNone}</p>
      ) : (
        <OutputTail entries={data} label={words.tail} />
      )}
    </Section>
  )
}

const LIMITS = ['memory', 'cpu', 'processes', 'disk', 'seccomp', 'uid', 'network'] as const
type Limit = { state: 'enforced' | 'watched' | 'absent'; reason: string }

function Limits({ instance }: { instance: Instance }) {
  const words = useWords(instanceWords)
  const { limits } = instance
  if (limits === null) return null
  return (
    <Section title={words.limits} id="limits">
      <dl className="text-14">
        {LIMITS.map((name) => {
          const limit = limits[name] as Limit | undefined
          return limit ? (
            <div
              key={name}
              className="grid grid-cols-[1fr_auto] gap-x-6 border-b border-line py-2.5 md:grid-cols-[136px_96px_1fr]"
            >
              <dt className="font-semibold">{words.limit[name]}</dt>
              <dd className={limit.state === 'absent' ? 'text-broken' : ''}>{words.held[limit.state]}</dd>
              <dd className="col-span-2 text-quiet md:col-span-1">{limit.reason}</dd>
            </div>
          ) : null
        })}
      </dl>
    </Section>
  )
}
