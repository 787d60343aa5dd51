import { createHash } from 'node:crypto'

/** Chance that can be had again: everything follows from the seed. */
export type Random = {
  seed: string
  /** A whole number from 0 up to, and without, the limit. */
  below(limit: number): number
  pick<Item>(items: readonly Item[]): Item
  shuffled<Item>(items: readonly Item[]): Item[]
  /** A text that nobody else has, fit for an idempotency key. */
  key(): string
}

export function randomFrom(seed: string): Random {
  let count = 0
  const draw = () => createHash('sha256').update(`${seed}:${count++}`).digest()
  const below = (limit: number) => Number(draw().readBigUInt64BE() % BigInt(limit))
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[below(items.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }
  return {
    seed,
    below,
    pick,
    shuffled(items) {
      const rest = [...items]
      return items.map(() => rest.splice(below(rest.length), 1)[0]!)
    },
    key: () => draw().toString('hex').slice(0, 24),
  }
}
