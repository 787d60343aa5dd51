/** A name to be reached by TLS at an address: the address is connected to, the name is asked for (SNI and Host). */
export type WebHost = {
  address: string
  port: number
  name: string
  /** What may be asked for there without waking or changing anything. */
  paths?: readonly string[]
}

/** What a client offers in its handshake. Each but the last two is forbidden by some promise. */
export const OFFERS = ['tls-1.0', 'tls-1.1', 'tls-1.2-weak', 'tls-1.2', 'tls-1.3'] as const
export type Offer = (typeof OFFERS)[number]

export type Handshake =
  | {
      outcome: 'accepted'
      protocol: string
      suite: string
      validToMs: number | null
      /** Why its certificate would not be believed for this name; absent where it would. */
      distrusted?: string
    }
  /** The other side answered and would not. */
  | { outcome: 'refused'; because: string }
  /** Nobody answered, or not in time: nothing was learned. */
  | { outcome: 'silent'; because: string }

/** A suite that was agreed on, by its IANA name. */
export type Suite = { protocol: string; suite: string }

export type Answer = { status: number; strictTransportSecurity: string | null }

/** Looks at web servers from outside, as strangers do. Never wakes what sleeps, and never counts as use. */
export type WebReader = {
  handshake(host: WebHost, offer: Offer, signal: AbortSignal): Promise<Handshake>
  /** Every suite that it agrees on, found by offering ever fewer; null when it stopped answering meanwhile. */
  suites(host: WebHost, signal: AbortSignal): Promise<Suite[] | null>
  /** Answers of as many classes as can be had without changing anything. */
  answers(host: WebHost, signal: AbortSignal): Promise<Answer[]>
  /** Whether something takes connections there. */
  isListening(address: string, port: number, signal: AbortSignal): Promise<boolean | null>
  /**
   * Makes each offer to a planted server on the loopback that takes it, and returns those that went through: what this reader
   * could have seen.
   */
  visible(signal: AbortSignal): Promise<Offer[]>
}
