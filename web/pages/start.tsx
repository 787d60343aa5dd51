import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { api, queryClient } from '../data/api.ts'
import { meQuery } from '../data/session.ts'
import { FirstCustomer } from '../forms/first-customer.tsx'
import { PasskeyButton } from '../forms/passkey-button.tsx'
import { addPasskey } from '../forms/passkeys.ts'
import { STEPS, type Step } from '../routes/start-steps.ts'
import { buttonLook } from '../ui/button.tsx'
import { Command } from '../ui/command.tsx'
import { Mark } from '../ui/mark.tsx'
import { PageFrame } from '../ui/page-frame.tsx'
import { StepHead } from '../ui/step-head.tsx'
import { useWords } from '../words/language.ts'
import { startWords } from '../words/start.ts'

/** Answers: what does a new world need? One step a screen; each can be skipped, and has its address. */
export function StartPage() {
  const words = useWords(startWords)
  const { step = 'passkey' } = useSearch({ from: '/start' })
  const me = useQuery(meQuery).data
  const apps = useQuery({ ...appsQuery, refetchInterval: step === 'app' ? 2_000 : false }).data
  const customers = useQuery(customersQuery).data
  const isDone: Record<Step, boolean> = {
    passkey: (me?.passkeys.length ?? 0) > 0,
    app: (apps?.length ?? 0) > 0,
    customer: (customers ?? 0) > 0,
    done: false,
  }
  const next = STEPS[STEPS.indexOf(step) + 1]
  return (
    <PageFrame title={words.title}>
      <div className="grid grid-cols-1 gap-x-16 gap-y-8 lg:grid-cols-[240px_minmax(0,560px)]">
        <ol className="border-t border-line-strong">
          {STEPS.map((name) => (
            <li key={name}>
              <Link
                to="/start"
                search={{ step: name }}
                aria-current={name === step ? 'step' : undefined}
                className={`flex min-h-11 items-center gap-3 border-b border-line no-underline ${name === step ? 'font-semibold text-ink' : 'text-quiet'}`}
              >
                <Mark verdict={isDone[name] ? 'kept' : 'unexercised'} />
                {words.steps[name]}
              </Link>
            </li>
          ))}
        </ol>
        <div>
          <p className="mb-1 text-14 text-quiet">
            {words.progress(String(STEPS.indexOf(step) + 1), String(STEPS.length))}
          </p>
          {step === 'passkey' ? <PasskeyStep has={isDone.passkey} /> : null}
          {step === 'app' ? <AppStep name={apps?.[0]?.app} /> : null}
          {step === 'customer' ? <FirstCustomer hasApp={isDone.app} count={customers ?? 0} /> : null}
          {step === 'done' ? <DoneStep /> : null}
          {next ? (
            <Link
              to="/start"
              search={{ step: next }}
              className={`mt-8 ${buttonLook(isDone[step] && step !== 'customer' ? 'main' : 'plain')}`}
            >
              {isDone[step] ? words.next : words.skip}
            </Link>
          ) : null}
        </div>
      </div>
    </PageFrame>
  )
}

const appsQuery = {
  queryKey: ['apps'],
  queryFn: async () => (await api.get('/v1/apps')).items,
}
const customersQuery = {
  queryKey: ['accounts', 'count'],
  queryFn: async () => (await api.get('/v1/accounts', { params: { query: { limit: 1 } } })).total,
}

function PasskeyStep({ has }: { has: boolean }) {
  const words = useWords(startWords).passkey
  return (
    <>
      <StepHead title={words.title} lead={words.lead} />
      {has ? (
        <p className="font-semibold text-kept">{words.have}</p>
      ) : (
        <PasskeyButton run={addPasskey} done={() => void queryClient.invalidateQueries({ queryKey: ['me'] })}>
          {words.add}
        </PasskeyButton>
      )}
      <p className="mt-8 mb-2 text-14 text-quiet">{words.alternative}</p>
      <Command text="npx borgen sign-in-link --email you@example.com" />
    </>
  )
}

function AppStep({ name }: { name: string | undefined }) {
  const words = useWords(startWords).app
  return (
    <>
      <StepHead title={words.title} lead={words.lead} />
      <p role="status" className={name ? 'font-semibold text-kept' : 'text-quiet'}>
        {name ? words.have(name) : words.waiting}
      </p>
      <p className="mt-6 mb-2 text-14 text-quiet">{words.alternative}</p>
      <Command text={'npm run build:crm -- my-apps/crm\nnpx borgen app add my-apps/crm'} />
    </>
  )
}

function DoneStep() {
  const words = useWords(startWords).done
  return (
    <>
      <StepHead title={words.title} lead={words.lead} />
      <div className="flex flex-wrap gap-3">
        <Link to="/" className={buttonLook('main')}>
          {words.board}
        </Link>
        <Link to="/people" className={buttonLook()}>
          {words.people}
        </Link>
        <Link to="/overview" className={buttonLook()}>
          {words.overview}
        </Link>
      </div>
    </>
  )
}
