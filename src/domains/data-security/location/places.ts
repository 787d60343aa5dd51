import type { RegionId } from '../../../fleet/regions/model.ts'

/** Where on the map a region's name lies, in degrees; a city, not a building. */
export const COORDINATES: Readonly<Record<RegionId, { lat: number; lon: number }>> = {
  us: { lat: 38.9, lon: -77.5 },
  uk: { lat: 51.5, lon: -0.1 },
  'eu-ireland': { lat: 53.3, lon: -6.3 },
  'eu-frankfurt': { lat: 50.1, lon: 8.7 },
  australia: { lat: -33.9, lon: 151.2 },
  singapore: { lat: 1.4, lon: 103.8 },
  japan: { lat: 35.7, lon: 139.7 },
  india: { lat: 19.1, lon: 72.9 },
}
