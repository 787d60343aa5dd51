import { stripVTControlCharacters } from 'node:util'
import { printable } from './printable.ts'
import type { Style, Terminal } from './terminal.ts'

export type Cell = string | number | { text: string; style: Style }
export type Table = {
  head: string[]
  rows: Cell[][] /** What stands there instead of an empty table. */
  empty: string
}

const GAP = '  '

/** Prints a table: fitted into a terminal's width, or aligned text in full for pipes and files. */
export async function printTable(terminal: Terminal, { head, rows, empty }: Table): Promise<void> {
  if (rows.length === 0) {
    terminal.note(empty)
    return
  }
  const painted = rows.map((row) => row.map((cell) => shown(terminal, cell)))
  if (terminal.width === undefined)
    return printAligned(terminal, [head.map((text) => text.toUpperCase()), ...painted])
  const { default: CliTable } = await import('cli-table3')
  const table = new CliTable({
    head: head.map((text) => terminal.paint('bold', text)),
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP.length },
    colWidths: widths(head, painted, terminal.width),
    wordWrap: false,
  })
  table.push(...painted)
  for (const line of table.toString().split('\n')) terminal.line(line.trimEnd())
}

/** Prints names with their values, aligned. */
export function printFields(terminal: Terminal, fields: [name: string, value: Cell | undefined][]): void {
  const given = fields.filter((field): field is [string, Cell] => field[1] !== undefined)
  const width = Math.max(...given.map(([name]) => name.length))
  for (const [name, value] of given)
    terminal.line(`${terminal.paint('dim', name.padEnd(width))}${GAP}${shown(terminal, value)}`)
}

function shown(terminal: Terminal, cell: Cell): string {
  return typeof cell === 'object' ? terminal.paint(cell.style, printable(cell.text)) : printable(String(cell))
}

function lengthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length
}

function printAligned(terminal: Terminal, lines: string[][]): void {
  const columns =
    lines[0]?.map((_, column) => Math.max(...lines.map((line) => lengthOf(line[column] ?? '')))) ?? []
  for (const line of lines)
    terminal.line(
      line
        .map((text, at) => text + ' '.repeat(columns[at]! - lengthOf(text)))
        .join(GAP)
        .trimEnd(),
    )
}

/** As wide as the content; when that is wider than the terminal, the widest columns give way. */
function widths(head: string[], rows: string[][], width: number): number[] {
  const columns = head.map(
    (title, at) => Math.max(lengthOf(title), ...rows.map((row) => lengthOf(row[at] ?? ''))) + GAP.length,
  )
  for (let over = sum(columns) - width; over > 0; over -= 1) {
    const widest = columns.indexOf(Math.max(...columns))
    if (columns[widest]! <= 8) break
    columns[widest]! -= 1
  }
  return columns
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
}
