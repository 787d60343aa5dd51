import { geoNaturalEarth1 } from 'd3-geo'

export const MAP = { width: 1000, height: 470 }

/** Places to the map: the inhabited world, without the ice at its ends. */
export const projection = geoNaturalEarth1()
  .scale(188)
  .rotate([-11, 0])
  .translate([MAP.width / 2, MAP.height / 2 + 38])

export const pointOf = ({ lat, lon }: { lat: number; lon: number }): [number, number] =>
  projection([lon, lat]) ?? [0, 0]
