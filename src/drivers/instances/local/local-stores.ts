import { z } from 'zod'
import type { StoredItem, StoreName, StoresReader } from '../contract/stores.ts'
import type { AskProbe } from './ask-probe.ts'

const pageSchema = z.object({
  items: z.array(
    z.object({
      path: z.string(),
      kind: z.enum(['folder', 'file', 'other']),
      uid: z.number(),
      sizeBytes: z.number().nullable(),
      region: z.string().nullable().optional(),
    }),
  ),
  next: z.string().nullable(),
})

/** The stores of this machine, listed by the warden: they are closed to everybody but their owners. */
export function createLocalStores(askProbe: AskProbe): StoresReader {
  return {
    async list(store: StoreName, sizesOf: readonly string[] = []) {
      const items: StoredItem[] = []
      let after: string | null = null
      do {
        const page: z.infer<typeof pageSchema> = pageSchema.parse(
          await askProbe({
            kind: 'inventory',
            store,
            ...(after === null ? {} : { after }),
            ...(sizesOf.length === 0 ? {} : { sizesOf }),
          }),
        )
        for (const { region, ...item } of page.items)
          items.push(region === undefined ? item : { ...item, region })
        after = page.next
      } while (after !== null)
      return items
    },
  }
}
