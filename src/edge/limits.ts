/** Everything one client can make the edge hold, in one place; each is a cap, not a tuning. */
export const LIMITS = {
  /** Request line and headers of one request. */
  headerBytes: 16 * 1024,
  headerCount: 100,
  urlBytes: 8 * 1024,
  /** Until the headers of a request are complete. */
  headersTimeoutMs: 15_000,
  handshakeTimeoutMs: 10_000,
  /** A connection without a request. */
  idleTimeoutMs: 60_000,
  /** A request or answer in which the client neither sends nor takes a byte that is wanted. */
  stalledTimeoutMs: 60_000,
  /** An instance that took a request and answers nothing. */
  answerTimeoutMs: 300_000,
  /** How long a request waits for its instance to wake: navigating browsers get a page then, others a 503. */
  heldForBrowsersMs: 3_000,
  heldForOthersMs: 20_000,
  connections: 16_384,
  redirectConnections: 1_024,
  connectionsOfOneAddress: 1_024,
  streamsOfOneConnection: 128,
  pipelinedOfOneConnection: 64,
  /** Connections of this process to one upstream socket. */
  upstreamConnections: 512,
  answerHeadBytes: 64 * 1024,
  trailerBytes: 8 * 1024,
}

export type Limits = Readonly<typeof LIMITS>
