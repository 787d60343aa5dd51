import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '../data/api.ts'
import { pollUnlessLive } from '../data/live.ts'
import { logHeadQuery } from '../data/log.ts'
import { type Me, meQuery } from '../data/session.ts'
import { PasskeyButton } from '../forms/passkey-button.tsx'
import { addPasskey } from '../forms/passkeys.ts'
import { Button } from '../ui/button.tsx'
import { Facts } from '../ui/facts.tsx'
import { PageFrame, Section } from '../ui/page-frame.tsx'
import { LoadingLines, ProblemNote } from '../ui/states.tsx'
import { tell } from '../ui/tell.ts'
import { useLanguage, useWords } from '../words/language.ts'
import { settingsWords } from '../words/settings.ts'
import { sayAgo, sayDay, sayMoment, sayNumber, useNow } from '../words/times.ts'

const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: () => api.get('/v1/status'),
  refetchInterval: pollUnlessLive,
})
const witnessesQuery = queryOptions({
  queryKey: ['log', 'witnesses'],
  queryFn: async () => (await api.get('/v1/log/witnesses')).items,
  refetchInterval: 30_000,
})

/** The world, its processes, its log with witnesses, and what is one's own: session and passkeys. */
export function SettingsPage() {
  const words = useWords(settingsWords)
  const me = useQuery(meQuery).data
  return (
    <PageFrame title={words.title}>
      {me ? (
        <div className="grid gap-x-16 gap-y-12 lg:grid-cols-2">
          <World me={me} />
          <Passkeys me={me} />
        </div>
      ) : (
        <LoadingLines />
      )}
      <Log />
      <Processes />
    </PageFrame>
  )
}

function World({ me }: { me: Me }) {
  const words = useWords(settingsWords)
  const language = useLanguage()
  const now = useNow()
  const { world, session } = me
  return (
    <section aria-labelledby="world">
      <h2 id="world" className="mb-2 text-20">
        {words.world}
      </h2>
      <Facts
        items={[
          [words.kind, world.demo ? words.demo : words.real],
          [words.console, `console.${world.planeDomain}`],
          [words.customers, `*.${world.appsDomain}`],
          [words.id, <code key="id">{world.id}</code>],
          session
            ? [
                words.session,
                words.sessionSays(words.by[session.method], sayMoment(session.until, now, language)),
              ]
            : null,
        ]}
      />
    </section>
  )
}

function Passkeys({ me }: { me: Me }) {
  const words = useWords(settingsWords)
  const language = useLanguage()
  const now = useNow()
  const client = useQueryClient()
  return (
    <section aria-labelledby="passkeys">
      <h2 id="passkeys" className="mb-2 text-20">
        {words.passkeys}
      </h2>
      {me.passkeys.length === 0 ? (
        <p className="mb-4 max-w-[60ch] border-b border-line py-2.5 text-14 text-quiet">{words.noPasskeys}</p>
      ) : (
        <ul className="mb-4 text-14">
          {me.passkeys.map((key) => (
            <li key={key.id} className="flex flex-wrap justify-between gap-x-6 border-b border-line py-2.5">
              <span className="font-semibold">{key.name}</span>
              <span className="text-quiet">
                {words.made(sayDay(key.createdAt, language))},{' '}
                {key.lastUsedAt === null
                  ? words.neverUsed
                  : words.used(sayAgo(key.lastUsedAt, now, language))}
              </span>
            </li>
          ))}
        </ul>
      )}
      <PasskeyButton
        kind="plain"
        run={addPasskey}
        done={() => {
          tell(words.added)
          void client.invalidateQueries({ queryKey: ['me'] })
        }}
      >
        {words.addPasskey}
      </PasskeyButton>
    </section>
  )
}

function Log() {
  const words = useWords(settingsWords)
  const language = useLanguage()
  const now = useNow()
  const status = useQuery(statusQuery).data
  const head = useQuery(logHeadQuery).data
  const witnesses = useQuery(witnessesQuery).data
  const save = (key: string) => {
    const url = URL.createObjectURL(new Blob([`${key}\n`], { type: 'text/plain' }))
    const link = document.createElement('a')
    link.href = url
    link.download = 'log.vkey'
    link.click()
    URL.revokeObjectURL(url)
  }
  return (
    <Section title={words.log} id="log">
      <div className="grid gap-x-16 gap-y-8 lg:grid-cols-2">
        <Facts
          items={[
            status
              ? [
                  words.state,
                  <span key="state" className={status.log.state === 'up' ? '' : 'font-semibold text-broken'}>
                    {words.logStates[status.log.state]}
                  </span>,
                ]
              : null,
            head ? [words.size, sayNumber(head.size, language)] : null,
            head
              ? [
                  words.root,
                  <code key="root" className="break-all">
                    {head.root}
                  </code>,
                ]
              : null,
            head
              ? [
                  words.key,
                  <span key="key">
                    <code className="break-all">{head.vkey}</code>
                    <span className="mt-1 mb-2 block text-quiet">{words.keySave}</span>
                    <Button size="small" onClick={() => save(head.vkey)}>
                      {words.saveKey}
                    </Button>
                  </span>,
                ]
              : null,
          ]}
        />
        <div>
          <h3 className="mb-1 text-16">{words.witnesses}</h3>
          {witnesses === undefined ? (
            <LoadingLines count={2} />
          ) : witnesses.length === 0 ? (
            <p className="max-w-[60ch] py-2 text-14 text-quiet">{words.noWitnesses}</p>
          ) : (
            <ul className="text-14">
              {witnesses.map((one) => (
                <li key={one.key} className="border-b border-line py-2.5">
                  <span className="font-semibold">{one.name}</span>{' '}
                  <span className={one.state === 'cosigned' ? 'text-kept' : 'text-broken'}>
                    {words.witnessStates[one.state]}
                  </span>
                  <span className="block text-quiet">
                    {[
                      one.onThisMachine ? words.here : null,
                      one.lastSize === null ? null : words.until(sayNumber(one.lastSize, language)),
                      one.lastAt === null ? null : sayAgo(one.lastAt, now, language),
                      one.reason,
                    ]
                      .filter((part) => part !== null)
                      .join(' · ')}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </div>
      </div>
    </Section>
  )
}

function Processes() {
  const words = useWords(settingsWords)
  const { data, error, refetch } = useQuery(statusQuery)
  if (error) return <ProblemNote error={error} retry={() => void refetch()} />
  if (!data) return <LoadingLines count={6} />
  const head = 'border-b border-line-strong py-2 text-left text-13 font-semibold text-quiet'
  return (
    <>
      <Section title={words.processes} id="processes">
        <table className="w-full text-14">
          <thead>
            <tr>
              <th className={head}>{words.process}</th>
              <th className={head}>{words.state}</th>
              <th className={`${head} text-right`}>{words.user}</th>
              <th className={`${head} text-right`}>{words.restarts}</th>
            </tr>
          </thead>
          <tbody>
            {data.processes.map((one) => (
              <tr key={one.name} className="border-b border-line">
                <th scope="row" className="py-2.5 text-left">
                  {one.name}
                </th>
                <td className={one.state === 'up' ? '' : 'font-semibold text-broken'}>
                  {words.states[one.state]}
                </td>
                <td className="text-right text-quiet">{one.uid ?? '–'}</td>
                <td className="text-right text-quiet">{one.restarts}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Section>
      <Section title={words.limitations} id="limitations">
        {data.limitations.length === 0 ? (
          <p className="text-quiet">{words.noLimitations}</p>
        ) : (
          <ul className="max-w-[80ch] list-disc pl-6 text-14">
            {data.limitations.map((line) => (
              <li key={line} className="py-1">
                {line}
              </li>
            ))}
          </ul>
        )}
      </Section>
    </>
  )
}
