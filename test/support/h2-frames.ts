import { appHost } from './edge.ts'

/** Frames of HTTP/2 (RFC 9113, 4.1), made by hand, for what no proper client sends. */
export const frameTypes = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  windowUpdate: 8,
  continuation: 9,
}
export const flags = { endStream: 1, endHeaders: 4 }

export function frame(type: number, flagBits: number, streamId: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flagBits, 4)
  head.writeUInt32BE(streamId, 5)
  return Buffer.concat([head, payload])
}

/** What a client says first: the preface and its settings, pairs of identifier and value. */
export function opening(settings: [number, number][] = []): Buffer {
  const payload = Buffer.alloc(6 * settings.length)
  for (const [index, [id, value]] of settings.entries()) {
    payload.writeUInt16BE(id, 6 * index)
    payload.writeUInt32BE(value, 6 * index + 2)
  }
  return Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    frame(frameTypes.settings, 0, 0, payload),
  ])
}

/** A GET of "/" at the test instance: indexed fields (RFC 7541, appendix A), and the authority as a literal. */
export const getRoot = Buffer.concat([
  Buffer.from([0x82, 0x87, 0x84, 0x01, appHost.length]),
  Buffer.from(appHost),
])

/** A literal field that is not indexed. */
export function literal(name: string, value: string): Buffer {
  return Buffer.concat([integer(0, 4, 0), text(name), text(value)])
}

function text(value: string): Buffer {
  return Buffer.concat([integer(value.length, 7, 0), Buffer.from(value, 'latin1')])
}

/** An integer with a prefix of so many bits (RFC 7541, 5.1). */
function integer(value: number, bits: number, lead: number): Buffer {
  const most = 2 ** bits - 1
  if (value < most) return Buffer.from([lead | value])
  const bytes = [lead | most]
  let rest = value - most
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Buffer.from([...bytes, rest])
}
