import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Rule, Violation } from './rule.ts'
import { checkout, type Import, isTest, type SourceFile, type Tree } from './source-tree.ts'

/** `*` is every part; a name covers what lies below it. A part's own files are always allowed. */
type Row = { may: readonly string[]; because: string }

const ALL_BUT_CLIENTS = [
  'kernel',
  'drivers',
  'access',
  'ledger/client',
  'changes',
  'fleet',
  'pledges',
  'domains',
  'plane',
  'app',
  'demo',
  'supervisor',
] as const
const ALONE = 'it must be readable, and believed, without the rest'

/** Who may import whom. A part of src/ without a row here may not exist. */
export const TABLE: Readonly<Record<string, Row>> = {
  kernel: { may: [], because: 'everything stands on it, and it knows no word of security' },
  'drivers/*': { may: ['kernel'], because: 'the outside world is behind an interface that knows nobody' },
  access: { may: ['kernel'], because: 'who may do what is decided before, and apart from, what is done' },
  'ledger/client': { may: ['kernel'], because: 'it is the only way from the plane to the log' },
  changes: {
    may: ['kernel', 'access', 'ledger/client'],
    because: 'one wrapper around every change, for all domains',
  },
  fleet: {
    may: ['kernel', 'drivers', 'access', 'changes', 'ledger/client'],
    because: 'a domain uses what is below domains',
  },
  pledges: { may: ['kernel'], because: 'what a promise and a verdict are knows nothing of what is promised' },
  'domains/*': {
    may: ['kernel', 'drivers', 'access', 'changes', 'fleet', 'ledger/client', 'pledges', 'verify'],
    because:
      'a domain uses what is below domains, and judges the log as a stranger would; another domain only through the table of app.ts',
  },
  plane: {
    may: ['kernel', 'access', 'changes', 'ledger/client', 'pledges'],
    because: 'the plane about itself: it knows no customer',
  },
  ledger: {
    may: ['kernel', 'drivers/kms'],
    because: 'the isolated log shares no code with those it watches',
  },
  edge: {
    may: ['kernel', 'drivers/certificates', 'drivers/kms'],
    because: 'the process that meets strangers asks the server over the API',
  },
  warden: { may: ['kernel'], because: 'the root process stays small enough to read' },
  supervisor: {
    may: ['kernel', 'drivers/kms', 'drivers/certificates'],
    because: 'it starts processes as root and runs none of their code',
  },
  app: { may: ALL_BUT_CLIENTS, because: 'it puts the parts together' },
  demo: { may: ALL_BUT_CLIENTS, because: 'it plays with all parts, from below the clients' },
  cli: {
    may: ['api-client', 'supervisor', 'verify', 'witness', 'kernel'],
    because: 'one more client of the public API, without private doors',
  },
  'api-client': { may: [], because: 'it is generated from openapi.json and belongs to any client' },
  verify: { may: [], because: ALONE },
  witness: { may: [], because: ALONE },
  restore: { may: [], because: ALONE },
  sdk: { may: [], because: 'application authors install it alone' },
  'apps/*': { may: [], because: 'an application is no part of the plane: any language could stand here' },
  web: { may: ['api-client'], because: 'the console is one more client of the public API' },
}

// Process entries belong to the part they start; these put parts together.
const TOGETHER = new Set([
  'src/app.ts',
  'src/server.ts',
  'src/worker.ts',
  'src/prover.ts',
  'src/check-overview.ts',
  'src/proofs.ts',
  'src/register.ts',
])
// Written from the routes, by running them.
const GENERATORS = /^src\/api-client\/generate[a-z-]*\.ts$/

/** The part of the house that a file belongs to; undefined outside of it (tests, benchmarks, bin). */
export function partOf(path: string): string | undefined {
  if (TOGETHER.has(path)) return 'app'
  const [root, first, second, third] = path.split('/')
  if (root === 'apps') return `apps/${first}`
  if (root !== 'src') return root !== undefined && root in TABLE ? root : undefined
  if (second === undefined) return first!.replace(/\.[a-z]+$/, '')
  if (first === 'drivers') return `drivers/${second}`
  if (first === 'domains' && third !== undefined) return `domains/${third}`
  return first === 'ledger' && second === 'client' ? 'ledger/client' : first
}

const rowOf = (part: string): Row | undefined => TABLE[part] ?? TABLE[part.replace(/\/[^/]+$/, '/*')]

function mayImport(from: string, to: string): boolean {
  if (from === to) return true
  return (rowOf(from)?.may ?? []).some((allowed) => to === allowed || to.startsWith(`${allowed}/`))
}

const where = (file: SourceFile, one: Import): Violation => ({
  path: file.path,
  line: file.lineOf(file.text.indexOf(one.specifier)),
  found: one.specifier,
})

function checkTable(tree: Tree): Violation[] {
  const found: Violation[] = []
  for (const file of tree.values()) {
    const from = partOf(file.path)
    if (from === undefined || isTest(file.path)) continue
    if (!rowOf(from))
      found.push({ path: file.path, line: 1, found: `the part "${from}" has no row in the table` })
    for (const one of file.imports) {
      if (one.kind !== 'file') continue
      const to = partOf(one.target)
      if (GENERATORS.test(file.path) && to !== undefined && mayImport('app', to)) continue
      if (to === undefined || !mayImport(from, to)) found.push(where(file, one))
    }
  }
  return found
}

function checkTests(tree: Tree): Violation[] {
  return [...tree.values()]
    .filter((file) => !isTest(file.path) && !file.path.startsWith('bench/'))
    .flatMap((file) =>
      file.imports.filter((one) => one.kind === 'file' && isTest(one.target)).map((one) => where(file, one)),
    )
}

function checkCycles(tree: Tree): Violation[] {
  const found: Violation[] = []
  const done = new Set<string>()
  const open: string[] = []
  const follow = (path: string) => {
    const at = open.indexOf(path)
    if (at >= 0) found.push({ path, line: 1, found: [...open.slice(at), path].join(' → ') })
    if (at >= 0 || done.has(path)) return
    open.push(path)
    for (const one of tree.get(path)?.imports ?? []) if (one.kind === 'file') follow(one.target)
    open.pop()
    done.add(path)
  }
  for (const path of tree.keys()) follow(path)
  return found
}

/** The folder of the package.json that must name what a file imports; undefined where nothing may be named. */
function packageOf(path: string): string | undefined {
  if (/^(witness|restore)\//.test(path)) return undefined
  return /^(apps\/[^/]+|verify|sdk|src\/api-client)(?=\/)/.exec(path)?.[0] ?? '.'
}

function declaredBy(folder: string | undefined, kinds: readonly string[]): Set<string> {
  if (folder === undefined) return new Set()
  const text = readFileSync(join(checkout, folder, 'package.json'), 'utf8')
  const manifest = JSON.parse(text) as Record<string, Record<string, string> | undefined>
  return new Set(kinds.flatMap((kind) => Object.keys(manifest[kind] ?? {})))
}

const RUNS = ['dependencies', 'optionalDependencies']
const DEVELOPS = [...RUNS, 'devDependencies']
const TOOLS = /^(bench|bin)\/|\/(build|generate)[a-z-]*\.ts$/

function checkDeclared(tree: Tree): Violation[] {
  const found: Violation[] = []
  for (const file of tree.values()) {
    const develops = isTest(file.path) || TOOLS.test(file.path)
    const declared = declaredBy(packageOf(file.path), develops ? DEVELOPS : RUNS)
    // suites of any package run in the whole checkout
    const around = isTest(file.path) ? declaredBy('.', DEVELOPS) : new Set()
    for (const one of file.imports) {
      if (one.kind !== 'package' || declared.has(one.target) || around.has(one.target)) continue
      found.push(where(file, one))
    }
  }
  return found
}

/** What the files of the house may take from one another. */
export const importRules: Rule[] = [
  {
    name: 'imports follow the table',
    reason: Object.entries(TABLE)
      .map(([part, row]) => `${part}: ${row.because}`)
      .join('; '),
    check: checkTable,
    planted: Object.keys(TABLE).map((part) => plantedFor(part)),
    fine: [
      {
        'src/fleet/x.ts': `import { a } from '../drivers/kms/contract/kms.ts'\nimport { b } from '../kernel/ids.ts'`,
      },
      {
        'src/ledger/x.ts': `import { a } from './client/../tree/y.ts'\nimport { b } from '../drivers/kms/a.ts'`,
      },
      { 'src/api-client/generate.ts': `import { a } from '../app.ts'` },
      { 'src/warden/x.test.ts': `import { a } from '../fleet/x.ts'` },
    ],
  },
  {
    name: 'the product imports no test',
    reason: 'what only tests need must not be there when the product runs',
    check: checkTests,
    planted: [
      { 'src/fleet/x.ts': `import { a } from '../../test/support/postgres.ts'` },
      { 'src/fleet/x.ts': `export * from './y.test.ts'` },
    ],
    fine: [{ 'src/fleet/x.test.ts': `import { a } from '../../test/support/postgres.ts'` }],
  },
  {
    name: 'no file imports itself around a corner',
    reason: 'in a cycle no file can be read, tested or moved alone; type imports count',
    check: checkCycles,
    planted: [
      { 'src/fleet/a.ts': `import './b.ts'`, 'src/fleet/b.ts': `import type { A } from './a.ts'` },
      {
        'src/a.ts': `export * from './b.ts'`,
        'src/b.ts': `await import('./c.ts')`,
        'src/c.ts': `import './a.ts'`,
      },
    ],
    fine: [{ 'src/a.ts': `import './b.ts'\nimport './c.ts'`, 'src/b.ts': `import './c.ts'`, 'src/c.ts': '' }],
  },
  {
    name: 'every package that is imported is declared by its own package.json',
    reason: 'a package that is there by accident goes by accident; verify, witness and restore have none',
    check: checkDeclared,
    planted: [
      { 'src/fleet/x.ts': `import left from 'left-pad'` },
      { 'src/fleet/x.ts': `import fc from 'fast-check'` },
      { 'verify/src/x.ts': `import { z } from 'zod'` },
      { 'apps/crm/src/x.ts': `import { Kysely } from 'kysely'` },
    ],
    fine: [
      { 'src/fleet/x.test.ts': `import fc from 'fast-check'` },
      { 'verify/src/x.ts': `import 'node:fs'` },
    ],
  },
]

/** A file of this part that imports one it may not. */
function plantedFor(part: string): Record<string, string> {
  const path = part.startsWith('apps/') ? 'apps/crm/src/x.ts' : part === 'app' ? 'src/app.ts' : folderOf(part)
  const up = '../'.repeat(path.split('/').length - 1)
  const target =
    part === 'app' || part === 'demo' || part === 'domains/*' ? 'src/cli/main.ts' : 'src/fleet/x.ts'
  return { [path]: `import { x } from '${up}${part === 'fleet' ? 'src/plane/tokens.ts' : target}'` }
}

function folderOf(part: string): string {
  const outside = ['verify', 'witness', 'restore', 'sdk', 'web'].includes(part)
  return `${outside ? '' : 'src/'}${part.replace('domains/', 'domains/data-security/').replace('*', 'kms')}/x.ts`
}
