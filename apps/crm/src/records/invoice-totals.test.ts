import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { invoiceTotals, type Line, lineNet } from './invoice-totals.ts'

const line: fc.Arbitrary<Line> = fc.record({
  quantityMilli: fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }),
  unitMinor: fc.integer({ min: -1_000_000, max: 1_000_000 }),
  vatBasisPoints: fc.constantFrom(0, 600, 1200, 2100, 2500),
})

const lines = fc.array(line, { maxLength: 20 })

test('halves are rounded away from zero', () => {
  const net = (quantityMilli: number, unitMinor: number) =>
    lineNet({ quantityMilli, unitMinor, vatBasisPoints: 0 })
  assert.equal(net(500, 1), 1)
  assert.equal(net(499, 1), 0)
  assert.equal(net(-500, 1), -1)
  assert.equal(net(333, 100), 33)
  assert.equal(net(37_500, 115_000), 4_312_500)
})

test('VAT is taken of the sum of a rate, not of each line', () => {
  const small = { quantityMilli: 1000, unitMinor: 1, vatBasisPoints: 2500 }
  assert.equal(invoiceTotals([small, small]).vatMinor, 1)
  assert.equal(invoiceTotals([small]).vatMinor, 0)
})

test('the total is net and VAT, and the groups are all of both', () => {
  fc.assert(
    fc.property(lines, (list) => {
      const totals = invoiceTotals(list)
      assert.equal(totals.totalMinor, totals.netMinor + totals.vatMinor)
      assert.equal(
        totals.netMinor,
        list.reduce((sum, one) => sum + lineNet(one), 0),
      )
      assert.equal(
        totals.vatMinor,
        totals.groups.reduce((sum, group) => sum + group.vatMinor, 0),
      )
    }),
  )
})

test('the order of lines does not matter', () => {
  fc.assert(
    fc.property(lines, (list) => {
      assert.deepEqual(invoiceTotals([...list].reverse()), invoiceTotals(list))
    }),
  )
})

test('a credit is its invoice with the sign turned', () => {
  fc.assert(
    fc.property(lines, (list) => {
      const credit = invoiceTotals(list.map((one) => ({ ...one, quantityMilli: -one.quantityMilli })))
      assert.equal(credit.totalMinor + invoiceTotals(list).totalMinor, 0)
    }),
  )
})

test('no group is off by more than half of the smallest unit', () => {
  fc.assert(
    fc.property(lines, (list) => {
      for (const group of invoiceTotals(list).groups) {
        const exact = (group.netMinor * group.vatBasisPoints) / 10_000
        assert.ok(Math.abs(exact - group.vatMinor) <= 0.5 + Math.abs(exact) * 1e-12)
      }
    }),
  )
})
