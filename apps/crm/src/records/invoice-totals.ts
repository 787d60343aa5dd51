/** Quantities in thousandths, money in öre or cents, VAT in hundredths of a percent: no fractions anywhere. */
export type Line = { quantityMilli: number; unitMinor: number; vatBasisPoints: number }

export type VatGroup = { vatBasisPoints: number; netMinor: number; vatMinor: number }

export type Totals = { netMinor: number; vatMinor: number; totalMinor: number; groups: VatGroup[] }

/** Half away from zero, as bookkeeping does it, so that a credit mirrors its invoice. */
function divideRounded(value: bigint, divisor: bigint): bigint {
  const half = divisor / 2n
  return value < 0n ? -((-value + half) / divisor) : (value + half) / divisor
}

const exactNet = (line: Line): bigint =>
  divideRounded(BigInt(line.quantityMilli) * BigInt(line.unitMinor), 1000n)

export const lineNet = (line: Line): number => Number(exactNet(line))

/** VAT is rounded once for each rate, not once a line: that is how it is declared. */
export function invoiceTotals(lines: readonly Line[]): Totals {
  const nets = new Map<number, bigint>()
  for (const line of lines) {
    nets.set(line.vatBasisPoints, (nets.get(line.vatBasisPoints) ?? 0n) + exactNet(line))
  }
  const groups = [...nets]
    .sort(([a], [b]) => b - a)
    .map(([vatBasisPoints, net]) => ({
      vatBasisPoints,
      netMinor: Number(net),
      vatMinor: Number(divideRounded(net * BigInt(vatBasisPoints), 10_000n)),
    }))
  const netMinor = groups.reduce((sum, group) => sum + group.netMinor, 0)
  const vatMinor = groups.reduce((sum, group) => sum + group.vatMinor, 0)
  return { netMinor, vatMinor, totalMinor: netMinor + vatMinor, groups }
}
