import { geoPath } from 'd3-geo'
import { feature } from 'topojson-client'
import topology from 'world-atlas/land-110m.json'
import { projection } from './projection.ts'

type World = Parameters<typeof feature>[0]

/** All land as one path in the map's own units; Antarctica lies below its edge. */
export function landPath(): string {
  const world = topology as unknown as World
  return geoPath(projection).digits(1)(feature(world, world.objects.land!)) ?? ''
}
