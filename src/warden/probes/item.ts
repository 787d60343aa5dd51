/** One thing in a store, by its path under the data folder: never what is in it. */
export type Item = {
  path: string
  kind: 'folder' | 'file' | 'other'
  uid: number
  /** Of a file, or of all that lies directly in a folder of files; null where nobody asked for it. */
  sizeBytes: number | null
  /** Of an instance's folder: the region in whose name it was put here, as the warden wrote it down. */
  region?: string | null
}
