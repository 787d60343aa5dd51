import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Cut, layWall, neighbour } from './lay-wall.ts'

const cuts = fc
  .array(fc.array(fc.integer({ min: 40, max: 300 }), { minLength: 1, maxLength: 14 }), {
    minLength: 1,
    maxLength: 5,
  })
  .map((courses) => courses.map((course, c) => course.map((needs, s): Cut => ({ id: `${c}.${s}`, needs }))))
const widths = fc.integer({ min: 320, max: 1400 })

describe('a wall, laid', () => {
  test('holds every stone once, in its order, and each layer is filled', () => {
    fc.assert(
      fc.property(cuts, widths, (courses, width) => {
        const wall = layWall(courses, width)
        for (const [at, course] of wall.entries()) {
          assert.deepEqual(
            course.flat().map((stone) => stone.id),
            courses[at]!.map((stone) => stone.id),
          )
          for (const layer of course) {
            const sum = layer.reduce((all, stone) => all + stone.width, 0)
            assert.ok(Math.abs(sum - 1) < 1e-9)
          }
        }
      }),
    )
  })

  test('gives each stone the room that its words need, wherever its layer can', () => {
    fc.assert(
      fc.property(cuts, widths, (courses, width) => {
        const needs = new Map(courses.flat().map((stone) => [stone.id, stone.needs]))
        for (const layer of layWall(courses, width).flat())
          for (const stone of layer)
            if (layer.length > 1) assert.ok(stone.width * width >= needs.get(stone.id)! - 1e-6)
      }),
    )
  })

  test('never puts a joint on the joint below where the first stone could give way', () => {
    const course = (name: string): Cut[] => ['a', 'b', 'c'].map((id) => ({ id: `${name}${id}`, needs: 100 }))
    const [below, above] = layWall([course('1'), course('2')], 600).flat()
    for (const [at, stone] of above!.slice(1).entries())
      assert.ok(Math.abs(stone.from - below![at + 1]!.from) > 0.05)
  })
})

test('up and down lead to the stone whose middle is nearest, and nowhere beyond the wall', () => {
  const wall = layWall(
    [
      [
        { id: 'a', needs: 100 },
        { id: 'b', needs: 100 },
      ],
      [{ id: 'c', needs: 100 }],
    ],
    300,
  ).flat()
  assert.equal(neighbour(wall, 'b', 1), 'c')
  assert.equal(neighbour(wall, 'a', -1), undefined)
  assert.equal(neighbour(wall, 'c', 1), undefined)
})
