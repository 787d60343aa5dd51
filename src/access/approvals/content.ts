import { createHash } from 'node:crypto'
import { z } from 'zod'
import { AppError } from '../../kernel/errors.ts'
import type { ApprovalRow } from './store.ts'

const said = z.strictObject({ en: z.string(), sv: z.string() })
const contentSchema = z.strictObject({
  id: z.string(),
  kind: z.string(),
  title: said,
  preview: z.array(said),
  payload: z.json(),
})

/** The same thing said in each language. */
export type Said = z.infer<typeof said>

/** What is approved: who decides sees the title and the preview, and agrees to exactly this. */
export type ApprovalContent = z.infer<typeof contentSchema>

/** SHA-256 in hex over the content as it is stored. */
export function digestOf(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}

/** What an approval is about; throws `conflict` when its text is not what its digest says. */
export function contentOf(row: Pick<ApprovalRow, 'content' | 'digest' | 'id' | 'kind'>): ApprovalContent {
  const content = contentSchema.parse(JSON.parse(row.content))
  if (digestOf(row.content) !== row.digest || content.id !== row.id || content.kind !== row.kind)
    throw new AppError('conflict', 'What was asked for was altered after it was asked for.', {
      remedy: 'Withdraw it and ask again; find out who can write to the database.',
    })
  return content
}
