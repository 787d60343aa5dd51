import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const checkout = resolve(import.meta.dirname, '../..')
const UP_LIMIT_MS = 90_000

export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer; text: string }
export type CliResult = {
  code: number
  stdout: string
  stderr: string
  // biome-ignore lint/suspicious/noExplicitAny: tests read what the CLI prints
  json(): any
}

/** A whole Borgen of one test file's own: `borgen up` as people start it, its CLI, and HTTPS through its edge. */
export type TestWorld = {
  dataDir: string
  /** What `borgen up` printed so far. */
  output(): string
  supervisor: ChildProcess
  cli(...args: string[]): Promise<CliResult>
  /** HTTPS to 127.0.0.1 with the name of the URL as SNI and Host, trusting the world's own authority only. */
  fetch(
    url: string,
    options?: { method?: string; headers?: Record<string, string>; body?: Buffer | string },
  ): Promise<Answer>
  /** Ctrl-C; resolves with the exit code when everything has ended. */
  stop(): Promise<number | null>
  /** Starts the same data folder again. */
  start(): Promise<void>
  /** Stops it, if it runs, and removes its folder. */
  remove(): Promise<void>
}

export async function startWorld(
  options: { demo?: boolean; dataDir?: string; args?: string[] } = {},
): Promise<TestWorld> {
  const dataDir = options.dataDir ?? join(mkdtempSync(join(tmpdir(), 'borgen-world-')), 'data')
  let output = ''
  let supervisor: ChildProcess
  let ended: Promise<number | null>

  const start = async (): Promise<void> => {
    output = ''
    supervisor = spawn(
      process.execPath,
      [
        join(checkout, 'bin', 'borgen.mjs'),
        ...['up', '--data', dataDir, '--https-port', '0', '--http-port', '0'],
        ...(options.demo ? ['--demo'] : []),
        ...(options.args ?? []),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], cwd: checkout },
    )
    ended = new Promise((done) => supervisor.once('exit', (code) => done(code)))
    await new Promise<void>((ready, failed) => {
      const timer = setTimeout(
        () => failed(new Error(`not up in ${UP_LIMIT_MS} ms:\n${output}`)),
        UP_LIMIT_MS,
      )
      const hear = (chunk: Buffer) => {
        output += chunk.toString()
        if (!/Ctrl-C stops everything/.test(output)) return
        clearTimeout(timer)
        ready()
      }
      supervisor.stdout!.on('data', hear)
      supervisor.stderr!.on('data', hear)
      void ended.then((code) => {
        clearTimeout(timer)
        failed(new Error(`borgen up ended with ${code}:\n${output}`))
      })
    })
  }
  const stop = async () => {
    if (supervisor.exitCode === null && supervisor.signalCode === null) supervisor.kill('SIGINT')
    return ended
  }
  await start()

  return {
    dataDir,
    output: () => output,
    get supervisor() {
      return supervisor
    },
    cli: (...args) => runCli(dataDir, args),
    fetch: (url, given) => fetchThroughEdge(dataDir, url, given),
    start,
    stop,
    async remove() {
      await stop()
      if (!options.dataDir) await rm(resolve(dataDir, '..'), { recursive: true, force: true })
    },
  }
}

/** Runs `borgen …` as a person would, against the world in this data folder. */
export function runCli(dataDir: string, args: string[]): Promise<CliResult> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [join(checkout, 'bin', 'borgen.mjs'), ...args],
      { cwd: checkout, env: { ...process.env, BORGEN_DATA: dataDir }, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0
        done({ code, stdout, stderr, json: () => JSON.parse(stdout) })
      },
    )
  })
}

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
