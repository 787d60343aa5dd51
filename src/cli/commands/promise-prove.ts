import { setTimeout as pause } from 'node:timers/promises'
import type { CliCommand } from '../command.ts'
import { CliFailure, EXIT } from '../failure.ts'
import { exitCodeOf, promiseArgument, verdictCell } from '../promise-view.ts'
import { printFields } from '../table.ts'

const PATIENCE_MS = 90_000
const LOOK_EVERY_MS = 250

export const command: CliCommand<object, [promise: string]> = {
  description: 'Prove a promise now, and wait for the verdict.',
  arguments: [promiseArgument()],
  examples: ['borgen promise prove encryption.disks', 'borgen promise prove transport.tls --json'],
  async run(session, _, promise) {
    const api = await session.api()
    const path = { params: { path: { promise } } }
    const { askedAt } = await api.post('/v1/promises/{promise}/prove', path)
    const began = performance.now()
    for (;;) {
      const found = await api.get('/v1/promises/{promise}', path)
      if (found.provedAt !== null && found.provedAt >= askedAt)
        return {
          json: found,
          exitCode: exitCodeOf([found]),
          text: () =>
            printFields(session.terminal, [
              ['Verdict', verdictCell(found.verdict)],
              ['Why', found.reason.en],
              ['What to do', found.remedy?.en],
            ]),
        }
      if (performance.now() - began > PATIENCE_MS)
        throw new CliFailure(EXIT.unknown, 'unavailable', 'No verdict came.', {
          remedy: 'See whether the prover runs (`borgen status`), and whether this promise has a proof.',
        })
      await pause(LOOK_EVERY_MS)
    }
  },
}
