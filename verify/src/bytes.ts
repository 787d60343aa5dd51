const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The bytes of lower-case hex of exactly this size, or undefined. */
export function fromHex(text: string, sizeBytes: number): Buffer | undefined {
  return text.length === sizeBytes * 2 && /^[0-9a-f]*$/.test(text) ? Buffer.from(text, 'hex') : undefined
}

/** The bytes of padded base64, or undefined when the text is not the one encoding of its bytes. */
export function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

/** The text of valid UTF-8 (a byte order mark stays a character), or undefined. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

/** Outside text made short and safe for a terminal: what could move a cursor or reorder a line is escaped. */
export function printable(text: string, limit = 160): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text
  return cut.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, escaped)
}

function escaped(char: string): string {
  return `\\u{${char.codePointAt(0)!.toString(16)}}`
}
