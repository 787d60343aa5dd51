import { isAlias, LineCounter, parseDocument, visit } from 'yaml'

/** Where something is wrong, what stands there, what should, and what to do. Lines count from 1. */
export type YamlProblem = {
  file: string
  line: number
  at: string
  found: string
  expected: string
  remedy: string
}

export type ReadYaml =
  | { ok: true; value: unknown; lineOf(path: readonly PropertyKey[]): number }
  | { ok: false; problems: YamlProblem[] }

const PROBLEMS_AT_MOST = 20

/** Reads one YAML 1.2 document of plain values: no aliases, no repeated keys. Never throws on bad text. */
export function readYaml(text: string, { file, limitBytes }: { file: string; limitBytes: number }): ReadYaml {
  const problem = (line: number, at: string, found: string, expected: string, remedy: string) => ({
    ok: false as const,
    problems: [{ file, line, at, found, expected, remedy }],
  })
  const sizeBytes = Buffer.byteLength(text)
  if (sizeBytes > limitBytes)
    return problem(1, '(file)', `${sizeBytes} bytes`, `at most ${limitBytes} bytes`, 'Shorten the file.')
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const another = document.errors.find(({ code }) => code === 'MULTIPLE_DOCS')
  if (another)
    return problem(
      lines.linePos(another.pos[0]).line,
      '(yaml)',
      'a second document (---)',
      'one document',
      'Remove this line and what follows, or make one document of both.',
    )
  if (document.errors.length > 0)
    return {
      ok: false,
      problems: document.errors.slice(0, PROBLEMS_AT_MOST).map((error) => ({
        file,
        line: lines.linePos(error.pos[0]).line,
        at: '(yaml)',
        found: error.message,
        expected: 'YAML 1.2',
        remedy: 'Mend the syntax at this line.',
      })),
    }
  let aliasAt: number | undefined
  visit(document, (_, node) => {
    if (isAlias(node)) aliasAt = node.range?.[0] ?? 0
  })
  if (aliasAt !== undefined)
    return problem(
      lines.linePos(aliasAt).line,
      '(yaml)',
      'an alias (*name)',
      'plain values',
      'Write the value out.',
    )
  return {
    ok: true,
    value: document.toJS(),
    lineOf(path) {
      for (let depth = path.length; depth >= 0; depth--) {
        const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true)
        const range = (node as { range?: [number, number, number] | null } | undefined)?.range
        if (range) return lines.linePos(range[0]).line
      }
      return 1
    },
  }
}
