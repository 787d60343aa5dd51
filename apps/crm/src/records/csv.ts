export class CsvError extends Error {
  readonly line: number
  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

/** A cell that begins like this is a formula to a spreadsheet, so it gets an apostrophe, which reading takes off again. */
const FORMULA = /^'*[=+\-@\t\r]/

function writeCell(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value
  return /[",;\t\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export const writeRow = (cells: readonly string[]): string => `${cells.map(writeCell).join(',')}\r\n`

const readCell = (value: string): string =>
  value.startsWith("'") && FORMULA.test(value.slice(1)) ? value.slice(1) : value

export type CsvRow = { line: number; cells: string[] }

/** RFC 4180, with the separator that the first line shows: comma, semicolon (Swedish Excel) or tab. */
export function readCsv(text: string): CsvRow[] {
  const source = text.replace(/^\ufeff/, '')
  const separator = findSeparator(source)
  const rows: CsvRow[] = []
  let cells: string[] = []
  let line = 1
  let rowLine = 1
  let at = 0
  while (at < source.length) {
    let value = ''
    if (source[at] === '"') {
      const opened = line
      at++
      for (;;) {
        const close = source.indexOf('"', at)
        if (close === -1) throw new CsvError(opened, 'A quote is opened and never closed.')
        value += source.slice(at, close)
        at = close + 1
        if (source[at] !== '"') break
        value += '"'
        at++
      }
      line += value.split('\n').length - 1
      if (at < source.length && !['\r', '\n', separator].includes(source[at]!)) {
        throw new CsvError(line, 'There is text after a closing quote.')
      }
    } else {
      const begin = at
      while (at < source.length && ![separator, '\r', '\n'].includes(source[at]!)) at++
      value = source.slice(begin, at)
    }
    cells.push(readCell(value))
    if (source[at] === separator) {
      at++
      if (at < source.length) continue
      cells.push('')
    }
    if (source[at] === '\r') at++
    if (source[at] === '\n') at++
    line++
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: rowLine, cells })
    cells = []
    rowLine = line
  }
  return rows
}

function findSeparator(source: string): string {
  const first = source.split(/\r?\n/, 1)[0] ?? ''
  const count = (mark: string) => first.split(mark).length
  return [',', ';', '\t'].sort((a, b) => count(b) - count(a))[0]!
}
