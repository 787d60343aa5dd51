import { useQuery } from '@tanstack/react-query'
import { geoPath } from 'd3-geo'
import { type Artefact, landQuery, type RegionOnMap } from '../data/places.ts'
import { useLanguage, useWords } from '../words/language.ts'
import { regionWords } from '../words/regions.ts'
import { sayNumber } from '../words/times.ts'
import { MAP, pointOf, projection } from './projection.ts'

const DOTS = 160
const APART = 4.2
/** Where the dots of a region stand beside its place, so that neighbours do not cover each other; in units of the map. */
const BESIDE: Record<string, [number, number]> = {
  us: [34, 34],
  uk: [-22, -58],
  'eu-ireland': [-84, 6],
  'eu-frankfurt': [74, -34],
  india: [-44, 52],
  singapore: [-30, 60],
  japan: [58, 20],
  australia: [-54, 44],
}
const GOLDEN = Math.PI * (3 - Math.sqrt(5))

/** Dots around a middle, evenly, each as near as it can be. */
const spiral = (count: number): [number, number][] =>
  Array.from({ length: count }, (_, at) => {
    const far = APART * Math.sqrt((at + 0.5) / Math.PI)
    return [far * Math.cos(at * GOLDEN), far * Math.sin(at * GOLDEN)]
  })
const radiusOf = (count: number) => APART * Math.sqrt(Math.max(count, 1) / Math.PI) + 4

/** How many artefacts one dot stands for, so that the fullest region still fits. */
export const artefactsPerDot = (regions: readonly RegionOnMap[]): number =>
  Math.max(1, Math.ceil(Math.max(0, ...regions.map(({ counts }) => counts.artefacts)) / DOTS))

/**
 * The world with every artefact a dot beside its region's place. One that lies outside its region stands out: a red ring where
 * it lies, a line from where it should be, and its name.
 */
export function WorldMap({
  regions,
  outside,
  chosen,
}: {
  regions: readonly RegionOnMap[]
  outside: readonly Artefact[]
  chosen: string | undefined
}) {
  const words = useWords(regionWords)
  const land = useQuery(landQuery).data
  const per = artefactsPerDot(regions)
  const places = new Map(regions.map((region) => [region.id, middleOf(region)]))
  return (
    <svg
      viewBox={`0 0 ${MAP.width} ${MAP.height}`}
      role="img"
      aria-label={words.map}
      className="block h-auto w-full overflow-hidden"
    >
      <path d={land ?? ''} className="fill-sunk stroke-line" strokeWidth="0.75" />
      {regions.map((region) => (
        <RegionDots key={region.id} region={region} per={per} isChosen={chosen === region.id} />
      ))}
      {outside.map((one, at) => (
        <Outside
          key={`${one.where.path} ${one.kind}`}
          artefact={one}
          regions={regions}
          places={places}
          nth={at}
        />
      ))}
    </svg>
  )
}

function middleOf(region: RegionOnMap): [number, number] {
  const [x, y] = pointOf(region.place)
  const [dx, dy] = BESIDE[region.id] ?? [0, 0]
  return [x + dx, y + dy]
}

function RegionDots({ region, per, isChosen }: { region: RegionOnMap; per: number; isChosen: boolean }) {
  const words = useWords(regionWords)
  const language = useLanguage()
  const [px, py] = pointOf(region.place)
  const [x, y] = middleOf(region)
  const inside = Math.max(0, region.counts.artefacts - region.counts.outside)
  const dots = Math.ceil(inside / per)
  const radius = radiusOf(dots)
  // away from the place, so that the line between them stays free
  const isLeft = x < px
  const label = isLeft ? x - radius - 6 : x + radius + 6
  const length = Math.hypot(x - px, y - py)
  const reach = dots === 0 ? 0 : Math.max(0, (length - radius - 2) / length)
  return (
    <g>
      <circle
        cx={px}
        cy={py}
        r="3"
        className={`fill-paper ${dots === 0 ? 'stroke-line-strong' : 'stroke-ink'}`}
        strokeWidth="1.25"
      />
      {dots === 0 ? null : (
        <>
          <line
            x1={px + ((x - px) * 3) / length}
            y1={py + ((y - py) * 3) / length}
            x2={px + (x - px) * reach}
            y2={py + (y - py) * reach}
            className="stroke-line-strong"
            strokeWidth="0.75"
          />
          {isChosen ? (
            <circle cx={x} cy={y} r={radius + 2} className="fill-none stroke-accent" strokeWidth="1.5" />
          ) : null}
          {spiral(dots).map(([dx, dy]) => (
            <circle key={`${dx} ${dy}`} cx={x + dx} cy={y + dy} r="1.55" className="fill-accent" />
          ))}
          <text
            x={label}
            y={y - 2}
            textAnchor={isLeft ? 'end' : 'start'}
            className="fill-ink text-[13px] font-semibold [paint-order:stroke] stroke-paper max-md:hidden"
            strokeWidth="3"
          >
            {words.regions[region.id as keyof typeof words.regions]}
            <tspan x={label} dy="15" className="fill-quiet font-normal">
              {sayNumber(region.counts.artefacts, language)}
            </tspan>
          </text>
        </>
      )}
    </g>
  )
}

function Outside({
  artefact,
  regions,
  places,
  nth,
}: {
  artefact: Artefact
  regions: readonly RegionOnMap[]
  places: ReadonlyMap<string, [number, number]>
  nth: number
}) {
  const words = useWords(regionWords)
  const promised = artefact.region === null ? undefined : places.get(artefact.region)
  const found = regions.find((region) => region.id === artefact.where.region)
  const at = found ? pointOf(found.place) : promised
  if (!at) return null
  const turn = nth * GOLDEN
  const [x, y] = [at[0] + (nth > 0 ? 9 * Math.cos(turn) : 0), at[1] + (nth > 0 ? 9 * Math.sin(turn) : 0)]
  const home = regions.find((region) => region.id === artefact.region)
  const arc =
    home && found && home !== found
      ? geoPath(projection)({
          type: 'LineString',
          coordinates: [
            [home.place.lon, home.place.lat],
            [found.place.lon, found.place.lat],
          ],
        })
      : null
  const isLeft = x > MAP.width * 0.72
  return (
    <g className="text-broken">
      {arc ? (
        <path d={arc} fill="none" stroke="currentColor" strokeWidth="1.5" strokeDasharray="5 4" />
      ) : null}
      <circle cx={x} cy={y} r="13" fill="none" stroke="currentColor" strokeWidth="2.5" />
      <circle cx={x} cy={y} r="5.5" fill="currentColor" />
      {nth < 3 ? (
        <text
          x={isLeft ? x - 19 : x + 19}
          y={y + 5 + nth * 18}
          textAnchor={isLeft ? 'end' : 'start'}
          className="fill-broken text-[14px] font-bold [paint-order:stroke] stroke-paper max-md:hidden"
          strokeWidth="4"
        >
          {artefact.company ?? artefact.instance ?? words.nobody}: {words.kinds[artefact.kind]}
        </text>
      ) : null}
    </g>
  )
}
