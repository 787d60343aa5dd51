import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { fillWithSampleData } from './fill.ts'
import { openLocalApi } from './local-api.ts'
import { inviteSecondPerson, SECOND } from './second-person.ts'

// The demo world is made the way anyone would make it: with the CLI. Its lines on stdout are shown by `borgen up --demo`.

const CUSTOMERS = [
  {
    company: 'Nordwind Turbinservice',
    email: 'eva@nordwind.test',
    country: 'SE',
    region: 'eu-frankfurt',
    sample: 'nordwind',
  },
  {
    company: 'Harbour & Finch',
    email: 'tom@harbourfinch.test',
    country: 'GB',
    region: 'uk',
    sample: 'harbour',
  },
] as const

const signedUp = z.object({
  account: z.object({ company: z.string() }),
  url: z.string(),
  owner: z.object({ email: z.string(), password: z.string() }),
})
const kept = z.array(
  z.object({
    company: z.string(),
    region: z.string(),
    url: z.string(),
    email: z.string(),
    password: z.string(),
    // whether its CRM was given sample data, or refused it
    filled: z.boolean().default(false),
  }),
)
type Kept = z.infer<typeof kept>

const dataDir = process.env.BORGEN_DATA
if (dataDir === undefined) throw new Error('BORGEN_DATA names no data folder')
const code = join(import.meta.dirname, '..', '..')
const folder = join(dataDir, 'demo')
const file = join(folder, 'customers.json')
const run = promisify(execFile)

const node = (script: string, ...args: string[]) =>
  run(process.execPath, ['--disable-warning=ExperimentalWarning', join(code, script), ...args], {
    env: { ...process.env, BORGEN_DATA: dataDir },
    maxBuffer: 16 * 1024 * 1024,
  })
const borgen = async (...args: string[]): Promise<unknown> => {
  const { stdout } = await node('src/cli/main.ts', ...args, '--json')
  return JSON.parse(stdout)
}

const keep = () => writeFileSync(file, JSON.stringify(customers, null, 2), { mode: 0o600 })

const customers: Kept = existsSync(file) ? kept.parse(JSON.parse(readFileSync(file, 'utf8'))) : []
if (customers.length < CUSTOMERS.length) {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const apps = z.object({ items: z.array(z.object({ app: z.string() })) }).parse(await borgen('app', 'list'))
  if (!apps.items.some((one) => one.app === 'crm')) {
    const built = join(folder, 'crm')
    await node('apps/crm/build.ts', built)
    await borgen('app', 'add', built)
  }
  for (const customer of CUSTOMERS.slice(customers.length)) {
    const { account, url, owner } = signedUp.parse(
      await borgen(
        ...['account', 'sign-up', '--company', customer.company, '--email', customer.email],
        ...['--country', customer.country, '--region', customer.region, '--app', 'crm'],
      ),
    )
    customers.push({ company: account.company, region: customer.region, url, ...owner, filled: false })
    // the demo's customers are invented: keeping their passwords lets a newcomer sign in again tomorrow
    keep()
  }
}
// The port may be another one than at the first start.
const instances = z
  .object({ items: z.array(z.object({ slug: z.string(), url: z.string() })) })
  .parse(await borgen('instance', 'list'))
for (const customer of customers) {
  const [slug] = new URL(customer.url).hostname.split('.')
  customer.url = instances.items.find((one) => one.slug === slug)?.url ?? customer.url
}
keep()
for (const [at, { sample }] of CUSTOMERS.entries()) {
  const customer = customers[at]
  if (!customer || customer.filled) continue
  await fillWithSampleData(customer, sample, join(dataDir, 'ca.crt'))
  customer.filled = true
  keep()
}
await inviteSecondPerson(openLocalApi(dataDir))
const demo = z.object({ broken: z.array(z.string()) }).parse(await borgen('demo', 'status'))
for (const what of demo.broken)
  process.stdout.write(`${what} is broken on purpose: npx borgen demo mend ${what}\n`)
for (const one of customers)
  process.stdout.write(`${one.company} (${one.region})  ${one.url}  ${one.email} / ${one.password}\n`)
process.stdout.write(
  `Second person for approvals (simulated): ${SECOND.email}; agree as her with npx borgen approve-code\n`,
)
