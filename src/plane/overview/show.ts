import type { z } from 'zod'
import type { PersonRow } from '../../access/store.ts'
import type { Db } from '../../kernel/db.ts'
import type { Difference } from '../../pledges/differences.ts'
import type { PublicLineRow } from '../../pledges/store.ts'
import { nameOf } from '../approvals/approvers.ts'
import type { changeSchema } from '../shapes.ts'

export function showDifference(one: Difference): z.infer<typeof changeSchema> {
  return { ...one }
}

/** A public line with who agreed to it. */
export async function showLine(db: Db, people: readonly PersonRow[], line: PublicLineRow) {
  return {
    at: line.at,
    promise: line.pledge,
    what: line.what,
    ...(line.parameter === null ? {} : { parameter: line.parameter }),
    ...(line.from_value === null ? {} : { from: line.from_value }),
    ...(line.to_value === null ? {} : { to: line.to_value }),
    line: { en: line.line_en, sv: line.line_sv },
    approval: line.manner,
    by: await nameOf(db, people, line.by),
  }
}
