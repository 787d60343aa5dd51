/** A stone before it is laid: how many pixels its words need. */
export type Cut = { id: string; needs: number }
/** A stone in its layer: where it begins and how wide it is, as parts of the layer's width. */
export type Laid = { id: string; from: number; width: number }

// How much of a layer's slack its first stone takes, in shares of the others.
const SHARES = [1, 3, 0.2, 6, 0, 12, 2]
const ENOUGH = 0.06

/**
 * Lays each course in as many layers as its stones need at this width, in running bond: stones keep their order, fill
 * their layer, and no joint stands on the joint below as far as that can be had.
 */
export function layWall(courses: readonly (readonly Cut[])[], width: number): Laid[][][] {
  let below: number[] = []
  return courses.map((stones) =>
    split(stones, width).map((layer) => {
      const laid = bond(layer, width, below)
      below = laid.slice(1).map((stone) => stone.from)
      return laid
    }),
  )
}

/** Layers of nearly equal need, none above the width unless one stone alone is. */
function split(stones: readonly Cut[], width: number): Cut[][] {
  const total = stones.reduce((sum, stone) => sum + stone.needs, 0)
  for (let count = Math.max(1, Math.ceil(total / width)); count < stones.length; count += 1) {
    const layers = into(stones, count, total)
    if (layers.every((layer) => layer.length === 1 || sumOf(layer) <= width)) return layers
  }
  return stones.map((stone) => [stone])
}

function into(stones: readonly Cut[], count: number, total: number): Cut[][] {
  const layers: Cut[][] = Array.from({ length: count }, () => [])
  let before = 0
  for (const stone of stones) {
    const middle = before + stone.needs / 2
    layers[Math.min(count - 1, Math.floor((middle / total) * count))]!.push(stone)
    before += stone.needs
  }
  return layers.filter((layer) => layer.length > 0)
}

const sumOf = (layer: readonly Cut[]) => layer.reduce((sum, stone) => sum + stone.needs, 0)

/** The layer with the widths, of those tried, whose joints stand farthest from the joints below. */
function bond(layer: readonly Cut[], width: number, below: readonly number[]): Laid[] {
  let best: Laid[] = []
  let bestGap = -1
  for (const share of SHARES) {
    const tried = fill(layer, width, share)
    const gap = gapOf(tried, below)
    if (gap > bestGap) [best, bestGap] = [tried, gap]
    if (bestGap >= ENOUGH) break
  }
  return best
}

// Only the slack is shared out: every stone keeps what its words need where the layer allows.
function fill(layer: readonly Cut[], width: number, firstShare: number): Laid[] {
  const needs = sumOf(layer)
  const slack = Math.max(0, width - needs)
  const shares = layer.map((stone, at) => stone.needs * (at === 0 && layer.length > 1 ? firstShare : 1))
  const all = shares.reduce((sum, one) => sum + one, 0)
  let from = 0
  return layer.map((stone, at) => {
    const part = (stone.needs + (slack * shares[at]!) / all) / (needs + slack)
    const laid = { id: stone.id, from, width: part }
    from += part
    return laid
  })
}

function gapOf(laid: readonly Laid[], below: readonly number[]): number {
  const joints = laid.slice(1).map((stone) => stone.from)
  return Math.min(1, ...joints.flatMap((joint) => below.map((one) => Math.abs(joint - one))))
}

/** The stone that lies above or below this one: of the next layer, the one whose middle is nearest. */
export function neighbour(wall: readonly (readonly Laid[])[], id: string, step: 1 | -1): string | undefined {
  const at = wall.findIndex((layer) => layer.some((stone) => stone.id === id))
  const own = wall[at]?.find((stone) => stone.id === id)
  const next = wall[at + step]
  if (!own || !next) return undefined
  const middle = (stone: Laid) => stone.from + stone.width / 2
  return [...next].sort((a, b) => Math.abs(middle(a) - middle(own)) - Math.abs(middle(b) - middle(own)))[0]
    ?.id
}
