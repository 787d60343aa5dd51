/** The eight regions of the register (pledge location.pinned), each with the time zone its instances live by. */
export const REGIONS = [
  { id: 'us', title: 'United States', place: 'N. Virginia', timeZone: 'America/New_York' },
  { id: 'uk', title: 'United Kingdom', place: 'London', timeZone: 'Europe/London' },
  { id: 'eu-ireland', title: 'EU, Ireland', place: 'Dublin', timeZone: 'Europe/Dublin' },
  { id: 'eu-frankfurt', title: 'EU, Frankfurt', place: 'Frankfurt am Main', timeZone: 'Europe/Berlin' },
  { id: 'australia', title: 'Australia', place: 'Sydney', timeZone: 'Australia/Sydney' },
  { id: 'singapore', title: 'Singapore', place: 'Singapore', timeZone: 'Asia/Singapore' },
  { id: 'japan', title: 'Japan', place: 'Tokyo', timeZone: 'Asia/Tokyo' },
  { id: 'india', title: 'India', place: 'Mumbai', timeZone: 'Asia/Kolkata' },
] as const

export type RegionId = (typeof REGIONS)[number]['id']

export const REGION_IDS = REGIONS.map((region) => region.id) as [RegionId, ...RegionId[]]

export function regionById(id: RegionId) {
  return REGIONS.find((region) => region.id === id)!
}
