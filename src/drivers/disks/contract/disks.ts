/** Where a folder's bytes come to rest, as the host says. */
export type Resting = {
  folder: string
  /** `disk`: a block device; `memory`: nothing that outlives a power cut; `unknown`: the host does not say. */
  on: 'disk' | 'memory' | 'unknown'
  /** The device and the file system, for people: `/dev/vda1 (ext4)`. */
  device: string
  /** Whether the host encrypts it below the file system; null where it cannot tell. */
  encrypted: boolean | null
}

/** Looks at the host's mounts and block devices, and changes nothing. */
export type DisksReader = {
  /** What lies under these folders; a folder that does not exist is left out. */
  under(folders: readonly string[]): Promise<Resting[]>
}
