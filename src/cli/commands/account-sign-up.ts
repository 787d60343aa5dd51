import { Option } from 'commander'
import { type ApiProblem, isApiProblem } from '../../api-client/problem.ts'
import type { components } from '../../api-client/schema.ts'
import type { CliCommand, Outcome, Session } from '../command.ts'
import { CliFailure, describeFailure, EXIT } from '../failure.ts'
import { awaitInstance, mayWait } from '../instance-progress.ts'
import { country, email, notEmpty, reference, waitOptions } from '../option-values.ts'
import { printFields } from '../table.ts'
import type { Terminal } from '../terminal.ts'

type Region = components['schemas']['Account']['region']
type SignedUp = Awaited<ReturnType<typeof post>>
type Options = {
  company: string
  email: string
  country: string
  region?: string
  plan: 'trial' | 'free' | 'paid'
  app?: string
  start: 'now' | 'on-first-request'
  wait?: boolean
}

export const command: CliCommand<Options> = {
  description:
    'Sign up a customer. Without --region one is proposed and nothing is created; a region, once confirmed, is for good.',
  options: [
    new Option('--company <name>', 'the customer’s company').argParser(notEmpty).makeOptionMandatory(),
    new Option('--email <address>', 'of the person who signs up').argParser(email).makeOptionMandatory(),
    new Option('--country <code>', 'where the customer is, such as SE')
      .argParser(country)
      .makeOptionMandatory(),
    new Option('--region <region>', 'confirms where the data lies; see `borgen region list`').argParser(
      reference,
    ),
    new Option('--plan <plan>', 'how they pay').choices(['trial', 'free', 'paid']).default('trial'),
    new Option('--app <app>', 'the app to run (default: the one added first)').argParser(reference),
    new Option('--start <when>', 'when the instance starts')
      .choices(['now', 'on-first-request'])
      .default('now'),
    ...waitOptions('the instance runs'),
  ],
  examples: [
    'borgen account sign-up --company Acme --email ann@acme.test --country SE',
    'borgen account sign-up --company Acme --email ann@acme.test --country SE --region eu-frankfurt --json',
  ],
  async run(session, options) {
    const { region } = options
    if (region !== undefined) return signUp(session, options, region)
    try {
      await post(session, options, undefined)
    } catch (error) {
      if (!isApiProblem(error, 'confirmation_needed')) throw error
      return proposed(session, options, error)
    }
    throw new CliFailure(EXIT.unknown, 'not_understood', 'The server signed up an account without a region.')
  },
}

async function post(session: Session, options: Options, region: string | undefined) {
  const api = await session.api()
  const { company, email, country, plan, app, start } = options
  return api.post('/v1/accounts', {
    body: {
      company,
      email,
      country,
      plan,
      start,
      ...(app === undefined ? {} : { app }),
      // Whether it is one of the regions is the server's to say.
      ...(region === undefined ? {} : { region: region as Region }),
    },
  })
}

/** Says which region is proposed; goes on when a person confirms it, otherwise refuses. */
async function proposed(session: Session, options: Options, refusal: ApiProblem): Promise<Outcome> {
  const { terminal } = session
  const proposal = refusal.problem.more?.proposed
  const region = typeof proposal === 'string' ? proposal : null
  const reason = String(refusal.problem.more?.reason ?? refusal.problem.detail)
  if (region !== null && terminal.isInteractive) {
    const answer = await terminal.ask(
      `${reason}\nShall the data of ${options.company} lie in ${region}? This cannot be changed later. [y/N] `,
    )
    if (/^y(es)?$/i.test(answer)) return signUp(session, options, region)
  }
  return {
    json: { proposed: region, reason, created: false },
    exitCode: EXIT.refused,
    text: () => {
      terminal.line(reason)
      terminal.note(
        region === null
          ? 'Nothing was created. Choose a region (`borgen region list`) and add --region.'
          : `Nothing was created. To confirm, add: --region ${region}`,
      )
    },
  }
}

async function signUp(session: Session, options: Options, region: string): Promise<Outcome> {
  const { terminal, json } = session
  const signedUp = await post(session, options, region)
  if (!mayWait(session, options.wait)) return { json: signedUp, text: () => print(terminal, signedUp) }
  // What is shown once is shown before anything can go wrong with the wait.
  if (!json) print(terminal, signedUp)
  try {
    const { id, desired } = signedUp.instance
    const instance = await awaitInstance(session, await session.api(), id, desired)
    return {
      json: { ...signedUp, instance },
      text: () =>
        terminal.line(
          terminal.paint('green', instance.observed === 'awake' ? 'It runs.' : 'It is ready, asleep.'),
        ),
    }
  } catch (error) {
    const { problem, exitCode } = describeFailure(error)
    const { code, detail, remedy = '' } = problem
    throw new CliFailure(exitCode, code, `The account was made, but: ${detail}`, {
      remedy,
      more: signedUp,
      cause: error,
    })
  }
}

function print(terminal: Terminal, { account, instance, owner, url }: SignedUp): void {
  const password = owner?.password ?? undefined
  printFields(terminal, [
    ['Account', `${account.slug} (${account.id})`],
    ['Region', `${account.region}, for good`],
    ['Plan', account.trialEndsOn === null ? account.plan : `${account.plan}, to ${account.trialEndsOn}`],
    ['Instance', instance.id],
    ['Address', { text: url, style: 'cyan' }],
    ['Owner', owner?.email],
    ['Password', password === undefined ? undefined : { text: password, style: 'bold' }],
  ])
  if (password !== undefined) terminal.note('The password is shown this once.')
}
