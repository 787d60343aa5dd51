import { nodeHash } from './hash.ts'

/** The perfect subtrees of a growing tree, by height: what is needed to know its root at every size, and no more. */
export type Frontier = (Buffer | undefined)[]

/** Adds the next subtree (all added ones have one size) on the right. */
export function growFrontier(frontier: Frontier, root: Buffer): void {
  let carried = root
  let height = 0
  for (let left = frontier[height]; left; left = frontier[height]) {
    carried = nodeHash(left, carried)
    frontier[height++] = undefined
  }
  frontier[height] = carried
}

/** The roots of the perfect subtrees so far, largest first. */
export function peaksOfFrontier(frontier: Frontier): Buffer[] {
  return frontier.filter((peak) => peak !== undefined).reverse()
}
