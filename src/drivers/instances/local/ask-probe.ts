import { layout } from '../../../kernel/layout.ts'
import { askWarden } from './warden-client.ts'

/** Asks the warden for one probe (its fourth word, which only the prover may say). Throws AppError with its own words. */
export type AskProbe = (asked: { kind: string } & Record<string, unknown>) => Promise<unknown>

/** The prover's line to the warden; `token` is its secret `probeWardenToken`, when the warden wants one. */
export function createAskProbe(options: { dataDir: string; token?: string }): AskProbe {
  const token = options.token === undefined ? {} : { token: options.token }
  return (asked) =>
    askWarden(layout.wardenProbeSocket(options.dataDir), { request: 'probe', ...token, ...asked }, 0)
}
