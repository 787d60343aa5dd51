import { readFileSync } from 'node:fs'
import { request as httpsRequest } from 'node:https'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { runCli } from '../support/world-clients.ts'
import type { Asked, Journal } from './oracle/journal.ts'

const silenceMs = 20_000
const patienceMs = 60_000

export type Answer = { status: number; text: string }
type Place = { dataDir: string; planeDomain: string; httpsPort: number }

/** How often clients met which answer; `0` is a lost connection. */
export type Answers = Map<number, number>

/**
 * A client of the world that is under fire: what it asks is in the journal before it is sent, what it is told before it goes
 * on, and what got no answer is repeated under the same key.
 */
export function createClient(place: Place, journal: Journal) {
  const answers: Answers = new Map()
  const { dataDir, planeDomain, httpsPort } = place
  const token = () => readFileSync(join(dataDir, 'cli.token'), 'utf8').trim()

  async function api(method: string, path: string, key?: string, body?: object): Promise<Answer> {
    const headers = { authorization: `Bearer ${token()}`, ...(key ? { 'idempotency-key': key } : {}) }
    const url = `https://console.${planeDomain}:${httpsPort}${path}`
    return ask(dataDir, method, url, headers, body === undefined ? undefined : JSON.stringify(body))
  }

  function send(asked: Asked, host?: string): Promise<Answer> {
    switch (asked.kind) {
      case 'sign-up': {
        const email = `${asked.key}@customer.test`
        const body = { company: asked.company, email, country: 'SE', region: 'eu-frankfurt', plan: 'free' }
        return api('POST', '/v1/accounts', asked.key, body)
      }
      case 'wish': {
        const path = `/v1/instances/${asked.instance}`
        if (asked.verb !== 'destroy') return api('POST', `${path}/${asked.verb}`, asked.key)
        return api('DELETE', path, asked.key, { confirm: (host ?? '').split('.')[0] })
      }
      case 'write': {
        const path = `/visit?note=${asked.key}&answerAfterMs=${asked.answerAfterMs}`
        return ask(dataDir, 'POST', `https://${host}:${httpsPort}${path}`)
      }
      default:
        return runCli(dataDir, ['instance', asked.verb, asked.instance, '--json']).then(
          ({ code, stdout }) => ({
            status: code === 0 ? 202 : 0,
            text: stdout,
          }),
        )
    }
  }

  /** Asks once; status 0 when no answer came. */
  async function once(asked: Asked, host?: string): Promise<Answer> {
    journal.asked(asked)
    const answer = await send(asked, host).catch(
      (error: unknown): Answer => ({ status: 0, text: String(error) }),
    )
    answers.set(answer.status, (answers.get(answer.status) ?? 0) + 1)
    if (isSuccess(answer)) journal.acknowledged(asked.key, idsIn(asked, answer.text))
    return answer
  }

  return {
    answers,
    once,
    /** Repeats under the same key until it is acknowledged; throws with the last refusal after a minute. */
    async untilAcknowledged(asked: Asked, host?: string): Promise<Answer> {
      const startedAt = performance.now()
      for (;;) {
        const answer = await once(asked, host)
        if (isSuccess(answer)) return answer
        if (performance.now() - startedAt > patienceMs)
          throw new Error(`never acknowledged: ${JSON.stringify(asked)}: ${answer.status} ${answer.text}`)
        await delay(100)
      }
    },
    /** Everything an application holds, asked through the edge. */
    async notesOf(host: string): Promise<string[]> {
      const startedAt = performance.now()
      for (;;) {
        const answer = await ask(dataDir, 'GET', `https://${host}:${httpsPort}/visits`).catch(
          (error: unknown) => ({ status: 0, text: String(error) }),
        )
        if (answer.status === 200) return JSON.parse(answer.text).notes
        if (performance.now() - startedAt > patienceMs)
          throw new Error(`${host} does not answer: ${answer.text}`)
        await delay(50)
      }
    },
  }
}
export type Client = ReturnType<typeof createClient>

/** Whether the answer acknowledges what was asked. */
export function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status <= 299
}

function idsIn(asked: Asked, text: string): { account?: string; instance?: string } {
  if (asked.kind !== 'sign-up') return {}
  const { account, instance } = JSON.parse(text)
  return { account: account.id, instance: instance.id }
}

function ask(
  dataDir: string,
  method: string,
  address: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Answer> {
  const { hostname, port, pathname, search, host } = new URL(address)
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const sent = httpsRequest(
    {
      host: '127.0.0.1',
      port,
      servername: hostname,
      path: pathname + search,
      method,
      headers: {
        host,
        ...headers,
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
      ca: readFileSync(join(dataDir, 'ca.crt')),
      agent: false,
      timeout: silenceMs,
    },
    (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    },
  )
  sent.on('timeout', () => sent.destroy(new Error('silence')))
  sent.on('error', reject)
  sent.end(body)
  return promise
}
