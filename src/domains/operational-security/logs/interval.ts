import type { Db } from '../../../kernel/db.ts'
import { pledgesInForce } from '../../../pledges/in-force.ts'
import { overviewInForce } from '../../../pledges/store.ts'
import { secondsOf } from '../../../pledges/units.ts'
import { isolated } from './pledges.ts'

/** How often the log is to be cosigned, as `logs.isolated` promises it now; milliseconds. */
export async function checkpointIntervalMs(db: Db): Promise<number> {
  const [promise] = pledgesInForce([isolated], await overviewInForce(db))
  return secondsOf(String(promise!.values.checkpoint)) * 1000
}
