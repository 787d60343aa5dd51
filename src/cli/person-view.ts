import type { components } from '../api-client/schema.ts'
import { moment } from './printable.ts'

type Passkey = components['schemas']['Person']['passkeys'][number]

/** How a passkey came to be, in a few words. */
export function originOf(passkey: Passkey): string {
  if (passkey.vouchedAt !== null) return `vouched for ${moment(passkey.vouchedAt)}`
  if (!passkey.isKnown) return 'not known how it was added'
  if (passkey.behind.length === 0) return 'by a link of the host’s'
  return `by a link that leads back to ${passkey.behind.map((one) => one.name).join(', ')}`
}
