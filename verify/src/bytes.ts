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

/** Outside text made safe for a terminal and short: control characters and everything outside ASCII are escaped. */
export function printable(text: string, limit = 160): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text
  // JSON's own escapes, then whatever could still move a cursor or reorder a line.
  return JSON.stringify(cut)
    .slice(1, -1)
    .replace(/[^\x20-\x7e…]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
