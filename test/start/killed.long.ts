import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clearWorld, fullyUp, processesTouching, startWorld, worldFolder } from '../support/running-world.ts'

test('killed at any moment of a first start, the next start completes it', async () => {
  for (const moment of [/world in/, /PostgreSQL programs/, /keys and certificates/, /database \(/]) {
    const folder = worldFolder()
    try {
      const killed = startWorld(folder)
      await killed.said(moment)
      await killed.end('SIGKILL')
      const next = startWorld(folder)
      await next.said(fullyUp)
      assert.equal(await next.end('SIGINT'), 0)
      assert.deepEqual(processesTouching(folder), [])
    } finally {
      clearWorld(folder)
    }
  }
})
