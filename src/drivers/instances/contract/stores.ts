/**
 * The stores in which a customer's data can lie, the folder around them, and what else lies in that: names to a depth of
 * three, and at any depth those that name an instance or are a database's or a segment's.
 */
export const STORES = [
  'data-folder',
  'instances',
  'trash',
  'keyring',
  'segments',
  'log-keys',
  'surroundings',
] as const
export type StoreName = (typeof STORES)[number]

/** One thing in a store: its name, size and owner, never what is in it. */
export type StoredItem = {
  /** Under the data folder. */
  path: string
  kind: 'folder' | 'file' | 'other'
  uid: number
  sizeBytes: number | null
  /** Of what belongs to an instance's folder: the region in whose name it was put here; null where nobody wrote it down. */
  region?: string | null
}

/** Lists what lies in the stores, from the stores themselves. Changes nothing and reads no contents. */
export type StoresReader = {
  /** `sizesOf`: instances whose folders are to be measured too, at most 32. */
  list(store: StoreName, sizesOf?: readonly string[]): Promise<StoredItem[]>
}
