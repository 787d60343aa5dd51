// The spec report of node:test, ending in one line that people and CI can read: `N passed, N failed, N skipped`.
import { Readable } from 'node:stream'
import { spec } from 'node:test/reporters'

export default async function* report(source) {
  let counts = { passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 }
  async function* watched() {
    for await (const event of source) {
      // Summaries with a file are of that file alone.
      if (event.type === 'test:summary' && event.data.file === undefined) counts = event.data.counts
      yield event
    }
  }
  yield* Readable.from(watched()).compose(new spec())
  yield `${counts.passed} passed, ${counts.failed + counts.cancelled} failed, ${counts.skipped + counts.todo} skipped\n`
}
