import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import {
  clearWorld,
  fullyUp,
  processesTouching,
  type RunningWorld,
  startWorld,
  until,
  worldFolder,
} from '../support/running-world.ts'
import { fetchThroughEdge, runCli } from '../support/world-clients.ts'

const customersSchema = z.array(z.object({ url: z.string(), email: z.string(), password: z.string() }))
type Customer = z.infer<typeof customersSchema>[number]

describe('the main job, from sign-up to a log that verifies', () => {
  const dataDir = worldFolder()
  let world: RunningWorld
  let customers: Customer[]
  const left: { customer: Customer; contact: string; document: string }[] = []

  const up = async () => {
    world = startWorld(dataDir, { args: ['--demo'] })
    await world.said(fullyUp)
  }
  before(up)
  after(async () => {
    if (world.child.exitCode === null && world.child.signalCode === null) await world.end('SIGINT')
    clearWorld(dataDir)
  })

  const signIn = async (customer: Customer) => {
    const answer = await fetchThroughEdge(dataDir, `${customer.url}/api/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: customer.email, password: customer.password }),
    })
    assert.equal(answer.status, 200, answer.text)
    return { authorization: `Bearer ${z.object({ token: z.string() }).parse(JSON.parse(answer.text)).token}` }
  }
  const idIn = (text: string) => z.object({ id: z.string() }).parse(JSON.parse(text)).id

  test('both demo customers sign in, make a contact and upload a document', async () => {
    customers = customersSchema.parse(
      JSON.parse(readFileSync(join(dataDir, 'demo', 'customers.json'), 'utf8')),
    )
    assert.equal(customers.length, 2)
    for (const customer of customers) {
      const headers = await signIn(customer)
      const contact = await fetchThroughEdge(dataDir, `${customer.url}/api/contacts`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ givenName: 'Planted', familyName: 'Zebrafinch' }),
      })
      assert.equal(contact.status, 201, contact.text)
      const body = [
        '--frontier\r\nContent-Disposition: form-data; name="file"; filename="proof.txt"\r\nContent-Type: text/plain\r\n',
        `the content of ${customer.email}\r\n--frontier--\r\n`,
      ].join('\r\n')
      const document = await fetchThroughEdge(dataDir, `${customer.url}/api/documents`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'multipart/form-data; boundary=frontier' },
        body,
      })
      assert.equal(document.status, 201, document.text)
      left.push({ customer, contact: idIn(contact.text), document: idIn(document.text) })
    }
  })

  const bothAreThere = async () => {
    for (const { customer, contact, document } of left) {
      const headers = await signIn(customer)
      const found = await fetchThroughEdge(dataDir, `${customer.url}/api/contacts/${contact}`, { headers })
      assert.match(found.text, /Zebrafinch/)
      const content = await fetchThroughEdge(dataDir, `${customer.url}/api/documents/${document}/content`, {
        headers,
      })
      assert.equal(content.text, `the content of ${customer.email}`)
    }
  }

  test('both are there after kill -9 of every process', async () => {
    for (const pid of processesTouching(dataDir)) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {} // it went with another one
    }
    await until('every process is gone', () => processesTouching(dataDir).length === 0)
    await up()
    await bothAreThere()
  })

  test('one customer is unknown to the other: a foreign id is an unknown id', async () => {
    const [first, second] = [left[0]!, left[1]!]
    const headers = await signIn(second.customer)
    const foreign = await fetchThroughEdge(dataDir, `${second.customer.url}/api/contacts/${first.contact}`, {
      headers,
    })
    assert.equal(foreign.status, 404)
    const stolen = await fetchThroughEdge(dataDir, `${second.customer.url}/api/contacts`, {
      headers: await signIn(first.customer),
    })
    assert.equal(stolen.status, 401)
  })

  test('a sign-up proposes a region and creates nothing, then creates what was confirmed', async () => {
    const asked = [
      'account',
      'sign-up',
      '--company',
      'Acme',
      '--email',
      'ann@acme.test',
      '--country',
      'SE',
      '--json',
    ]
    const proposed = await runCli(dataDir, asked)
    assert.equal(proposed.code, 4, proposed.stderr)
    assert.match(proposed.stdout, /"proposed": "eu-frankfurt"/)
    assert.doesNotMatch((await runCli(dataDir, ['account', 'list', '--json'])).stdout, /Acme/)
    const made = await runCli(dataDir, [...asked, '--region', 'eu-frankfurt'])
    assert.equal(made.code, 0, made.stderr)
    const { url } = z
      .object({ url: z.string(), account: z.object({}), instance: z.object({}) })
      .parse(JSON.parse(made.stdout))
    assert.equal((await fetchThroughEdge(dataDir, `${url}/healthz`)).status, 200)
  })

  test('every answer carries HSTS, and the log verifies and shows no customer text', async () => {
    const url = customers[0]!.url
    for (const path of ['/healthz', '/', '/nothing-here'])
      assert.ok((await fetchThroughEdge(dataDir, url + path)).headers['strict-transport-security'], path)
    const verified = await runCli(dataDir, ['log', 'verify'])
    assert.equal(verified.code, 0, verified.stdout + verified.stderr)
  })

  test('Ctrl-C leaves no process behind', async () => {
    assert.equal(await world.end('SIGINT'), 0)
    await until('every process is gone', () => processesTouching(dataDir).length === 0)
  })
})
