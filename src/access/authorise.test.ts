import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ACTIONS, groupOf, type Role, SCOPES } from './actions.ts'
import type { Actor } from './actor.ts'
import { authorise, isPermitted } from './authorise.ts'

const roles: Role[] = ['owner', 'operator', 'auditor']
const world = { type: 'World', id: 'world' }
const anyAction = fc.constantFrom(...ACTIONS)
const anyRole = fc.constantFrom(...roles)
const person = (role: Role): Actor => ({ kind: 'person', id: 'per_a', role, behind: [] })
const token = (role: Role, scopes: string[]): Actor => ({
  kind: 'token',
  id: 'tok_a',
  role,
  scopes,
  createdBy: 'person:per_a',
  behind: [],
})
const covers = (scopes: string[], action: (typeof ACTIONS)[number]) =>
  scopes.some((scope) => scope === '*' || scope === action || scope === `${groupOf(action)}.*`)

test('a token may do what its scopes and its role both allow, and nothing else', () => {
  fc.assert(
    fc.property(
      anyRole,
      anyAction,
      fc.uniqueArray(fc.constantFrom(...SCOPES), { maxLength: 4 }),
      (role, action, scopes) => {
        assert.equal(
          isPermitted(token(role, scopes), action, world),
          isPermitted(person(role), action, world) && covers(scopes, action),
        )
      },
    ),
  )
})

test('roles are nested: what an auditor may, an operator may; what an operator may, an owner may', () => {
  for (const action of ACTIONS) {
    const [owner, operator, auditor] = roles.map((role) => isPermitted(person(role), action, world))
    assert.ok((!auditor || operator) && (!operator || owner), action)
  }
})

test('which resource it is about makes nobody more', () => {
  fc.assert(
    fc.property(
      anyAction,
      fc.constantFrom('World', 'Instance', 'Person', 'Role', 'Process'),
      fc.string(),
      (action, type, id) => {
        assert.equal(
          isPermitted(person('auditor'), action, { type, id }),
          isPermitted(person('auditor'), action, world),
        )
      },
    ),
  )
})

test('a name is not a role: nobody becomes a process, an owner or a scope by being called one', () => {
  for (const id of ['edge', 'supervisor', 'owner', 'role', '*', '"] || true //']) {
    assert.equal(
      isPermitted({ kind: 'person', id, role: 'auditor', behind: [] }, 'edge.resolve', world),
      false,
    )
    assert.equal(
      isPermitted({ kind: 'person', id, role: 'auditor', behind: [] }, 'person.invite', world),
      false,
    )
    assert.equal(isPermitted({ kind: 'process', id: `x${id}` }, 'status.read', world), false)
  }
  assert.equal(
    isPermitted(token('owner', ['"*"', 'instance', '.*', 'INSTANCE.*']), 'instance.read', world),
    false,
  )
  assert.equal(isPermitted(person('root' as Role), 'status.read', world), false)
})

test('a refusal names the action and where the rule stands', () => {
  assert.throws(() => authorise(person('auditor'), 'instance.destroy', world), {
    code: 'forbidden',
    message: /instance\.destroy/,
    remedy: /policy\.cedar/,
  })
})
