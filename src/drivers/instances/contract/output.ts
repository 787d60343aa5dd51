/** What an instance wrote to its standard streams: append-only files of bytes, read from an offset on. */
export type OutputFile = { instance: string; file: string; endBytes: number }

/** Reads instances' output and lets go of what was carried away. */
export type InstanceOutput = {
  /** Every output file that exists, with where it ends now. */
  list(): Promise<OutputFile[]>
  /** At most `limitBytes` from the offset on; empty at the end or when the file is gone. */
  read(instance: string, file: string, offsetBytes: number, limitBytes: number): Promise<Buffer>
  /** Frees the room of everything before the offset; offsets stay valid. Safe to repeat. */
  release(instance: string, file: string, beforeBytes: number): Promise<void>
}
