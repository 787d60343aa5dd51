import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, posix, resolve } from 'node:path'
import { parseSync } from 'oxc-parser'

export const checkout = resolve(import.meta.dirname, '../..')

const ROOTS = ['src', 'test', 'bench', 'bin', 'verify', 'sdk', 'witness', 'restore', 'apps', 'web']
const SOURCE = /\.(ts|tsx|js|mjs)$/
const NOT_OURS = new Set(['node_modules', 'dist', '.borgen', '.cache'])

export type Node = { type: string; start: number; end: number; [key: string]: unknown }

/** `target` is a path in the tree for `./…`, `node:name` for what the runtime brings, else a package's name. */
export type Import = {
  specifier: string
  target: string
  kind: 'file' | 'runtime' | 'package'
  typeOnly: boolean
}

/** One file as parsed; paths are relative to the checkout, with `/`. */
export type SourceFile = {
  path: string
  text: string
  lines: number
  imports: Import[]
  comments: string[]
  program: Node
  lineOf(offset: number): number
}

export type Tree = ReadonlyMap<string, SourceFile>

/** Every source file of ours, as it lies on the disk. */
export function readTree(): Tree {
  const paths = ROOTS.filter((root) => existsSync(join(checkout, root))).flatMap(walk)
  return new Map(paths.map((path) => [path, parseSource(path, readFileSync(join(checkout, path), 'utf8'))]))
}

/** A tree that exists in memory only. */
export function treeOf(files: Record<string, string>): Tree {
  return new Map(Object.entries(files).map(([path, text]) => [path, parseSource(path, text)]))
}

function walk(folder: string): string[] {
  return readdirSync(join(checkout, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : walk(path)
    return entry.isFile() && SOURCE.test(entry.name) ? [path] : []
  })
}

function parseSource(path: string, text: string): SourceFile {
  const { program, module, comments, errors } = parseSync(path, text, { sourceType: 'module' })
  if (errors[0]) throw new Error(`${path} cannot be parsed: ${errors[0].message}`)
  const imports: Import[] = []
  const add = (specifier: string, typeOnly: boolean) =>
    imports.push({ specifier, typeOnly, ...targetOf(path, specifier) })
  for (const one of module.staticImports)
    add(one.moduleRequest.value, one.entries.length > 0 && one.entries.every((entry) => entry.isType))
  for (const one of module.staticExports) {
    const from = one.entries.find((entry) => entry.moduleRequest)?.moduleRequest
    if (from)
      add(
        from.value,
        one.entries.every((entry) => entry.isType),
      )
  }
  const root = program as unknown as Node
  visit(root, (node) => {
    if (node.type === 'ImportExpression') addLiteral(node.source as Node)
    // import('…') in a type
    if (node.type === 'TSImportType') addLiteral((node.source ?? node.argument) as Node, true)
    if (node.type === 'CallExpression' && isRequire(node.callee as Node))
      addLiteral((node.arguments as Node[])[0])
  })
  function addLiteral(node: Node | undefined, typeOnly = false) {
    if (typeof node?.value === 'string') add(node.value, typeOnly)
  }
  return {
    path,
    text,
    lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    imports,
    comments: comments.map((comment) => comment.value),
    program: root,
    lineOf: (offset) => text.slice(0, offset).split('\n').length,
  }
}

/** `require`, or what `createRequire(…)` returned and was called at once. */
function isRequire(callee: Node): boolean {
  if (callee.type === 'Identifier') return callee.name === 'require'
  const inner = callee.type === 'CallExpression' ? (callee.callee as Node) : undefined
  return inner?.type === 'Identifier' && inner.name === 'createRequire'
}

function targetOf(path: string, specifier: string): Pick<Import, 'target' | 'kind'> {
  if (specifier.startsWith('.'))
    return { kind: 'file', target: posix.join(dirname(path), specifier.replace(/\?.*$/, '')) }
  if (isBuiltin(specifier)) return { kind: 'runtime', target: `node:${specifier.replace(/^node:/, '')}` }
  const parts = specifier.split('/')
  return { kind: 'package', target: parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/') }
}

/** Calls `see` for every node below and including `node`, with the node around it. */
export function visit(node: Node, see: (node: Node, parent: Node | undefined) => void, parent?: Node): void {
  see(node, parent)
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, see, node)
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}

/** Whether a file is there for tests: suites, what they stand on, and the contract suites of drivers. */
export function isTest(path: string): boolean {
  return (
    path.startsWith('test/') ||
    /\.(test|peer|vectors|long|browser)\.ts$/.test(path) ||
    /\/(test|testing)\//.test(path)
  )
}
