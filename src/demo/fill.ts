import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { z } from 'zod'

type Customer = { url: string; email: string; password: string }

/**
 * Has a customer's CRM fill itself with sample data, as its owner would: over HTTPS, signed in. A CRM that is in use, or too
 * old to have any, stays as it is; anything else that goes wrong is thrown.
 */
export async function fillWithSampleData(customer: Customer, variant: string, caFile: string): Promise<void> {
  const ca = readFileSync(caFile)
  const signedIn = await post(ca, `${customer.url}/api/sign-in`, {
    email: customer.email,
    password: customer.password,
  })
  if (signedIn.status === 401) return // whoever plays with the world changed the password
  if (signedIn.status !== 200) throw new Error(`sign-in at ${customer.url} answered ${signedIn.status}`)
  const { token } = z.object({ token: z.string() }).parse(JSON.parse(signedIn.text))
  const filled = await post(ca, `${customer.url}/api/sample-data`, { variant }, token)
  if (![204, 404, 409].includes(filled.status))
    throw new Error(`sample data at ${customer.url} answered ${filled.status}`)
}

/** Node does not resolve `*.localhost`, so the address is given and the name goes into SNI and Host. */
function post(
  ca: Buffer,
  url: string,
  body: object,
  token?: string,
): Promise<{ status: number; text: string }> {
  const { hostname, host, port, pathname } = new URL(url)
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: port || 443,
        servername: hostname,
        path: pathname,
        method: 'POST',
        headers: {
          host,
          'content-type': 'application/json',
          ...(token ? { authorization: `Bearer ${token}` } : {}),
        },
        ca,
        agent: false,
        timeout: 30_000,
      },
      async (response) => {
        try {
          let text = ''
          for await (const chunk of response.setEncoding('utf8')) text += chunk
          resolve({ status: response.statusCode ?? 0, text })
        } catch (error) {
          reject(error)
        }
      },
    )
    sent.on('timeout', () => sent.destroy(new Error(`${host} did not answer in 30 s`)))
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  })
}
