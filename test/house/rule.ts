import type { Tree } from './source-tree.ts'

/** Where a rule is broken, and how. */
export type Violation = { path: string; line: number; found: string }

/** A rule of the house as data: it is tried on the tree, on a file that breaks it, and on one that only comes close. */
export type Rule = {
  name: string
  reason: string
  check(tree: Tree): Violation[]
  /** Files that break the rule, each in `at` or in every file. */
  planted: Record<string, string>[]
  /** Files that look like it and are fine. */
  fine: Record<string, string>[]
}
