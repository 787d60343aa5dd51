/** A path as one word of a shell, to be copied from the terminal; in quotes only where it needs them. */
export function shellWord(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`
}
