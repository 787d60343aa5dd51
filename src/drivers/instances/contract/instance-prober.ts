/**
 * One attack from inside an instance. `reached` is what it got to, `controlReached` whether the same try gets to a planted
 * thing where nothing holds it; null where the try could not be made.
 */
export type Tried = {
  from: 'application' | 'database' | 'outside'
  name: string
  reached: boolean | null
  controlReached: boolean | null
  detail: string
}

export type InstanceProbed = {
  was: 'asleep' | 'awake'
  /** Its user on this machine; shared with all others unless `hasOwnUser`. */
  uid: number
  hasOwnUser: boolean
  /** Whether addresses of others could be planted in a network without a way out. */
  hasNetworkToPlant: boolean
  tries: Tried[]
}

/** Tries, from inside an instance and with its own rights, to reach what is not its own. Wakes nothing. */
export type InstanceProber = {
  /** Throws AppError `unavailable` when nothing could be said this time, `bad_request` when there is no such instance. */
  probe(instance: string): Promise<InstanceProbed>
  /** The ids of all instances that are there to be probed. */
  present(): Promise<string[]>
}
