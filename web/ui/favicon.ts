import { useEffect } from 'react'
import { HEADINGS, type Promised, VERDICTS, type Verdict } from '../data/promises.ts'

// A tab's picture knows nothing of the page's theme: these can be told apart on light and dark tabs.
const FILL: Record<Verdict, string> = {
  kept: '#2f7d5f',
  broken: 'none',
  unknown: '#9a968b',
  unexercised: 'none',
}
const STROKE: Partial<Record<Verdict, string>> = { broken: '#d0392b', unexercised: '#9a968b' }

const HEIGHT = 5
const STEP = 6.5

/** The wall as a picture of 32 by 32: each course shows how its stones stand, and what is broken is a red-edged gap. */
export function drawFavicon(promises: readonly Promised[]): string {
  const made = promises.filter((one) => one.dropped === null)
  const rows = HEADINGS.map((heading, row) => {
    const own = made.filter((one) => one.heading === heading)
    const parts = VERDICTS.map((verdict) => ({
      verdict,
      count: own.filter((one) => one.verdict === verdict).length,
    }))
      .filter((part) => part.count > 0)
      .map((part) => ({ ...part, width: Math.max(7, (part.count / own.length) * 32) }))
    const total = parts.reduce((sum, part) => sum + part.width, 0)
    // Every other course begins with what the one below ends with, so that joints do not line up.
    const laid = row % 2 === 0 ? parts : [...parts].reverse()
    let x = 0
    return laid.map(({ verdict, width }) => {
      const w = (width / total) * 32
      const at = { x, w }
      x += w
      const stroke = STROKE[verdict]
      const inset = stroke ? 0.75 : 0
      return `<rect x="${(at.x + inset).toFixed(1)}" y="${(row * STEP + inset).toFixed(1)}" width="${Math.max(1, at.w - 1.5 - 2 * inset).toFixed(1)}" height="${HEIGHT - 2 * inset}" fill="${FILL[verdict]}"${stroke ? ` stroke="${stroke}" stroke-width="1.5"` : ''}/>`
    })
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${rows.flat().join('')}</svg>`
}

/** Shows in the browser's tab how the wall stands. */
export function useFavicon(promises: readonly Promised[] | undefined): void {
  useEffect(() => {
    const link = document.getElementById('favicon')
    if (promises && link)
      link.setAttribute('href', `data:image/svg+xml,${encodeURIComponent(drawFavicon(promises))}`)
  }, [promises])
}
