import type { Rule, Violation } from './rule.ts'
import { isTest, type Node, type SourceFile, type Tree, visit } from './source-tree.ts'

type Look = (node: Node, parent: Node | undefined, file: SourceFile) => string | undefined

/** Violations of a look at every node of the files that `within` takes. */
function search(tree: Tree, within: (path: string) => boolean, look: Look): Violation[] {
  const found: Violation[] = []
  for (const file of tree.values())
    if (within(file.path))
      visit(file.program, (node, parent) => {
        const what = look(node, parent, file)
        if (what !== undefined) found.push({ path: file.path, line: file.lineOf(node.start), found: what })
      })
  return found
}

const inProduct = (path: string) => path.startsWith('src/') && !isTest(path)
const isName = (node: unknown, name: string) =>
  (node as Node)?.type === 'Identifier' && (node as Node).name === name
const isMember = (node: Node, object: string, property?: string) =>
  node.type === 'MemberExpression' &&
  isName(node.object, object) &&
  (property === undefined || isName(node.property, property))

const CLOCK = 'src/kernel/clock.ts'
const readsClock: Look = (node) => {
  if (isMember(node, 'Date', 'now') || isMember(node, 'performance', 'timeOrigin')) return 'reads the clock'
  if (node.type === 'MemberExpression' && isMember(node.object as Node, 'Temporal', 'Now'))
    return 'reads the clock'
  const call = node.type === 'NewExpression' || node.type === 'CallExpression'
  if (call && isName(node.callee, 'Date') && (node.arguments as Node[]).length === 0) return 'reads the clock'
  return undefined
}

const STATEMENT =
  /^\s*(select\s[^;]*\sfrom\s+(\w+\.\w+|pg_\w+|\()|select\s+[a-z_.]+\(|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|with\s+\w+\s+as\s*\(|(create|alter|drop)\s+(table|role|user|database|schema|index|unique|function|trigger|type|extension)\s|truncate\s|grant\s+\w+(\s*,\s*\w+)*\s+on\s|revoke\s+\w+\s+on\s|listen\s+\w+$|notify\s+\w+|copy\s+\S+\s+(from|to)\s|begin$|commit$|rollback$)/i
const BUILDERS = new Set(['selectFrom', 'insertInto', 'updateTable', 'deleteFrom', 'mergeInto'])
const mayHoldSql = (path: string) => /(^|\/)store\.ts$/.test(path) || path.startsWith('src/kernel/')
const holdsSql: Look = (node, parent) => {
  if (node.type === 'Literal' && typeof node.value === 'string' && STATEMENT.test(node.value))
    return 'a statement'
  if (node.type === 'TemplateLiteral') {
    const text = (node.quasis as Node[])
      .map((part) => (part.value as { cooked: string | null }).cooked ?? '')
      .join('x')
    if (STATEMENT.test(text)) return 'a statement'
  }
  if (node.type === 'TaggedTemplateExpression' && isName(node.tag, 'sql')) return 'a statement'
  const method = parent?.type === 'MemberExpression' && parent.property === node && node.type === 'Identifier'
  return method && BUILDERS.has(node.name as string) ? `.${node.name}(…)` : undefined
}

const SOCKETS = /^node:(net|http|https|http2|tls|dgram)$/
const CLIENTS = new Set(['pg', 'ws', 'undici', 'node-fetch', 'axios', 'got'])
// Parts that talk; each for a reason of its own, which ARCHITECTURE.md gives.
const TALKS = /^src\/(drivers|edge|ledger|kernel|cli|api-client|web|warden|demo)[/.]/
// The console's own scripts: the browser talks, to the plane alone (its Content-Security-Policy says so).
const IN_BROWSER = /^src\/plane\/[a-z-]+\.js$/
// Asks the machine whether a port is free; nobody is answered there.
const ASKS_FOR_PORTS = 'src/supervisor/ports.ts'
function checkNetwork(tree: Tree): Violation[] {
  const within = (path: string) =>
    inProduct(path) && !TALKS.test(path) && !IN_BROWSER.test(path) && path !== ASKS_FOR_PORTS
  const calls = search(tree, within, (node) => {
    if (
      node.type === 'CallExpression' &&
      (isName(node.callee, 'fetch') || isMember(node.callee as Node, 'globalThis', 'fetch'))
    )
      return 'fetch(…)'
    const made =
      node.type === 'NewExpression' &&
      ['WebSocket', 'EventSource', 'XMLHttpRequest'].find((name) => isName(node.callee, name))
    return made ? `new ${made}(…)` : undefined
  })
  for (const file of tree.values())
    for (const one of within(file.path) ? file.imports : []) {
      const speaksSql = one.target === 'pg' && mayHoldSql(file.path)
      if (!one.typeOnly && !speaksSql && (SOCKETS.test(one.target) || CLIENTS.has(one.target)))
        calls.push({
          path: file.path,
          line: file.lineOf(file.text.indexOf(one.specifier)),
          found: one.specifier,
        })
    }
  return calls
}

// A suite may read an answer without naming its shape first, where it says so.
const EXPLAINED = /biome-ignore lint\/suspicious\/noExplicitAny: \w/
const lineAbove = (file: SourceFile, node: Node) => file.text.split('\n')[file.lineOf(node.start) - 2] ?? ''
const SUPPRESSED = /^\s*@ts-(ignore|nocheck|expect-error)/
function checkTyped(tree: Tree): Violation[] {
  const ours = (path: string) => !isGenerated(path)
  const found = search(tree, ours, (node, _, file) =>
    node.type === 'TSAnyKeyword' && !(isTest(file.path) && EXPLAINED.test(lineAbove(file, node)))
      ? 'any'
      : undefined,
  )
  for (const file of tree.values())
    for (const comment of ours(file.path) ? file.comments : [])
      if (SUPPRESSED.test(comment))
        found.push({ path: file.path, line: file.lineOf(file.text.indexOf(comment)), found: comment.trim() })
  return found
}

// Written by programs, and compared with what they write.
const isGenerated = (path: string) =>
  path === 'src/api-client/schema.ts' || /^(verify|witness)\/bin\/.*\.mjs$/.test(path)
const LONGEST = { test: 600, other: 400 }

function checkLength(tree: Tree): Violation[] {
  return [...tree.values()]
    .filter(
      (file) => !isGenerated(file.path) && file.lines > (isTest(file.path) ? LONGEST.test : LONGEST.other),
    )
    .map((file) => ({ path: file.path, line: file.lines, found: `${file.lines} lines` }))
}

const VAGUE = new Set([
  'utils',
  'util',
  'helpers',
  'helper',
  'lib',
  'common',
  'shared',
  'types',
  'service',
  'services',
  'manager',
  'misc',
])
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*\.(ts|tsx|js|mjs)$/
function checkNames(tree: Tree): Violation[] {
  return [...tree.keys()].flatMap((path) => {
    const parts = path.split('/')
    const vague = parts.map((part) => part.replace(/\..*$/, '')).find((part) => VAGUE.has(part))
    if (vague !== undefined) return [{ path, line: 1, found: `the name "${vague}"` }]
    return KEBAB.test(parts.at(-1)!) ? [] : [{ path, line: 1, found: 'a name that is not kebab-case' }]
  })
}

const ACTS = /(^|\/)(act|store|jobs|routes|prove)\.ts$/
function checkPure(tree: Tree): Violation[] {
  const isDecide = (path: string) => /^src\/(.*\/)?decide\.ts$/.test(path)
  const found = search(tree, isDecide, (node) => {
    if (node.type === 'AwaitExpression' || node.async === true) return 'waits for something'
    return isMember(node, 'Math', 'random') || isMember(node, 'process') ? 'looks around' : undefined
  })
  for (const file of tree.values())
    for (const one of isDecide(file.path) ? file.imports : [])
      if (
        !one.typeOnly &&
        (one.kind === 'runtime' || ACTS.test(one.target) || /^src\/(drivers|ledger)\//.test(one.target))
      )
        found.push({
          path: file.path,
          line: file.lineOf(file.text.indexOf(one.specifier)),
          found: one.specifier,
        })
  return found
}

/** What may stand in a file. */
export const codeRules: Rule[] = [
  {
    name: 'nobody but kernel/clock reads the wall clock',
    reason: 'promises are about time: a test and the demo world must be able to turn every clock there is',
    check: (tree) => search(tree, (path) => inProduct(path) && path !== CLOCK, readsClock),
    planted: [
      { 'src/fleet/x.ts': 'export const a = Date.now()' },
      { 'src/fleet/x.ts': 'export const a = new Date().toISOString()' },
      { 'src/fleet/x.ts': 'export const a = Temporal.Now.instant()' },
      { 'src/fleet/x.ts': 'export const read = Date.now' },
    ],
    fine: [
      { 'src/fleet/x.ts': 'export const a = new Date(0), b = performance.now() // Date.now()' },
      { 'src/fleet/x.test.ts': 'export const a = Date.now()' },
      { [CLOCK]: 'export const a = Date.now()' },
    ],
  },
  {
    name: 'SQL stands in store.ts and in the kernel',
    reason: 'who reads or writes a table is found in one file a domain',
    check: (tree) => search(tree, (path) => inProduct(path) && !mayHoldSql(path), holdsSql),
    planted: [
      { 'src/fleet/x.ts': `await db.query('select id from fleet.accounts where id = $1')` },
      { 'src/fleet/x.ts': 'await db.query(`update fleet.apps set name = 1`)' },
      { 'src/fleet/x.ts': `await db.selectFrom('fleet.accounts').execute()` },
      { 'src/fleet/x.ts': 'await sql`vacuum`.execute(db)' },
    ],
    fine: [
      { 'src/fleet/x.ts': `export const a = 'Select a region from the list', b = 'update the app'` },
      { 'src/fleet/store.ts': `await db.query('select id from fleet.accounts')` },
    ],
  },
  {
    name: 'only some parts open sockets',
    reason: 'what a domain knows of the outside comes through a driver, which can be exchanged and simulated',
    check: checkNetwork,
    planted: [
      { 'src/fleet/x.ts': `await fetch('https://example.test')` },
      { 'src/plane/x.ts': `import { connect } from 'node:net'` },
      { 'src/access/x.ts': `import http from 'http'` },
      { 'src/changes/x.ts': `import pg from 'pg'` },
    ],
    fine: [
      { 'src/plane/x.ts': `import type { Socket } from 'node:net'` },
      { 'src/drivers/mail/x.ts': `import { connect } from 'node:net'` },
    ],
  },
  {
    name: 'decide.ts decides and does nothing else',
    reason:
      'a plan that depends on facts and time alone can be tried by a table, printed, and approved before it is carried out',
    check: checkPure,
    planted: [
      { 'src/fleet/decide.ts': `import { readFileSync } from 'node:fs'` },
      { 'src/fleet/decide.ts': `import { a } from './store.ts'` },
      { 'src/fleet/decide.ts': 'export async function plan() {}' },
    ],
    fine: [
      { 'src/fleet/decide.ts': `import type { Row } from './store.ts'\nimport { b } from './model.ts'` },
    ],
  },
  {
    name: 'no any, no silenced compiler',
    reason: 'a type that is not checked is a comment',
    check: checkTyped,
    planted: [
      { 'src/fleet/x.ts': 'export const a = b as any' },
      { 'test/x.test.ts': '// @ts-ignore\nexport const a = 1' },
      { 'test/x.test.ts': 'export const a = b as any' },
      {
        'src/fleet/x.ts': '// biome-ignore lint/suspicious/noExplicitAny: because\nexport const a = b as any',
      },
    ],
    fine: [
      {
        'test/x.test.ts':
          '// biome-ignore lint/suspicious/noExplicitAny: an answer\nexport const a = b as any',
      },
      { 'src/fleet/x.ts': '// says any and @ts-ignore\nexport const any: unknown = 1' },
    ],
  },
  {
    name: 'a file has at most 400 lines, a test 600',
    reason: 'a file that must be scrolled is read in parts; aim at 150',
    check: checkLength,
    planted: [{ 'src/fleet/x.ts': '\n'.repeat(401) }, { 'test/x.test.ts': '\n'.repeat(601) }],
    fine: [{ 'src/fleet/x.ts': '\n'.repeat(400) }, { 'src/fleet/x.test.ts': '\n'.repeat(600) }],
  },
  {
    name: 'files are named after what they export, in kebab-case',
    reason: 'a file called utils is where things go that nobody will find again',
    check: checkNames,
    planted: [
      { 'src/fleet/utils.ts': '' },
      { 'src/common/clock.ts': '' },
      { 'src/fleet/types.d.ts': '' },
      { 'src/fleet/accountService.ts': '' },
    ],
    fine: [{ 'src/fleet/sign-up.test.ts': '' }, { 'src/fleet/common-names.ts': '' }],
  },
]
