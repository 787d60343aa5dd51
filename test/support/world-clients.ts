import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { join, resolve } from 'node:path'

const checkout = resolve(import.meta.dirname, '../..')

export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer; text: string }
export type CliResult = { code: number; stdout: string; stderr: string }

/** Runs `borgen …` as a person would, against the world in this data folder. */
export function runCli(dataDir: string, args: string[]): Promise<CliResult> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [join(checkout, 'bin', 'borgen.mjs'), ...args],
      { cwd: checkout, env: { ...process.env, BORGEN_DATA: dataDir }, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0
        done({ code, stdout, stderr })
      },
    )
  })
}

/** HTTPS to 127.0.0.1 with the name of the URL as SNI and Host, trusting the world's own authority only. */
export function fetchThroughEdge(
  dataDir: string,
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: Buffer | string } = {},
): Promise<Answer> {
  const { hostname, port, pathname, search, host } = new URL(url)
  return new Promise((done, failed) => {
    const sent = httpsRequest(
      {
        host: '127.0.0.1',
        port: port || 443,
        servername: hostname,
        path: pathname + search,
        method: options.method ?? 'GET',
        headers: { host, ...options.headers },
        ca: readFileSync(join(dataDir, 'ca.crt')),
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', failed)
        response.on('end', () => {
          const body = Buffer.concat(chunks)
          done({ status: response.statusCode ?? 0, headers: response.headers, body, text: body.toString() })
        })
      },
    )
    sent.on('error', failed)
    sent.end(options.body)
  })
}
