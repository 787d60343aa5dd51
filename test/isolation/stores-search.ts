import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Every regular file under a folder, by its path below it. */
export function filesUnder(folder: string, below = ''): string[] {
  return readdirSync(join(folder, below)).flatMap((name) => {
    const path = join(below, name)
    const stat = lstatSync(join(folder, path), { throwIfNoEntry: false })
    if (stat?.isDirectory()) return filesUnder(folder, path)
    return stat?.isFile() ? [path] : []
  })
}

/** The forms in which a text may stand in a file: as it is, in UTF-16, as hex, as base64 from any of its three places. */
export function formsOf(text: string): Buffer[] {
  const bytes = Buffer.from(text)
  const encoded = [0, 1, 2].flatMap((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes])
    // Without the characters that bytes before and after it have a part in.
    const text = whole.subarray(0, whole.length - (whole.length % 3)).toString('base64')
    return [text.slice(shift === 0 ? 0 : 4)]
  })
  const hex = bytes.toString('hex')
  const texts = [...encoded, hex, hex.toUpperCase(), JSON.stringify(text).slice(1, -1)]
  return [bytes, Buffer.from(text, 'utf16le'), ...texts.map((one) => Buffer.from(one))]
}

/** The files under a folder that hold one of these texts in any form: `path: text`. */
export function search(folder: string, texts: string[]): string[] {
  const wanted = texts.flatMap((text) => formsOf(text).map((form) => ({ text, form })))
  return filesUnder(folder).flatMap((path) => {
    const bytes = readWhileThere(join(folder, path))
    return [
      ...new Set(wanted.filter(({ form }) => bytes.includes(form)).map(({ text }) => `${path}: ${text}`)),
    ]
  })
}

/** Nothing for a file that a running log has renamed or removed meanwhile. */
function readWhileThere(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    if (existsSync(file)) throw error
    return Buffer.alloc(0)
  }
}
