/** One attack as it went, and its control. */
export type Tried = {
  from: 'application' | 'database' | 'outside'
  name: string
  reached: boolean | null
  controlReached: boolean | null
  detail: string
}
