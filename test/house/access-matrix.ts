import { ACTIONS, type Role } from '../../src/access/actions.ts'
import type { Actor } from '../../src/access/actor.ts'
import { isPermitted } from '../../src/access/authorise.ts'

const roles: Role[] = ['owner', 'operator', 'auditor']
const token = (role: Role, scopes: string[]): Actor => ({
  kind: 'token',
  id: 'tok',
  role,
  scopes,
  createdBy: 'x',
  behind: [],
})

const ACTORS: [string, Actor][] = [
  ...roles.map((role): [string, Actor] => [role, { kind: 'person', id: 'per', role, behind: [] }]),
  ...roles.map((role): [string, Actor] => [`${role}-token`, token(role, ['*'])]),
  ['owner-token-instances', token('owner', ['instance.*'])],
  ['token-without-scopes', token('owner', [])],
  ['edge', { kind: 'process', id: 'edge' }],
  ['supervisor', { kind: 'process', id: 'supervisor' }],
  ['another-process', { kind: 'process', id: 'worker' }],
]

/** Who may do what, as a page of text: a line an action, a column an actor. Tried against the policy file itself. */
export function accessMatrix(): string {
  const width = Math.max(...ACTIONS.map((action) => action.length)) + 2
  const line = (first: string, cells: string[]) =>
    (first.padEnd(width) + cells.map((cell, at) => cell.padEnd(ACTORS[at]![0].length + 2)).join('')).trimEnd()
  return [
    '# Who may do what, as src/access/policy.cedar decides it. Written by `npm run generate:schema`; never edited.',
    '# A token counts as its role with all scopes, unless its column says otherwise.',
    line(
      '',
      ACTORS.map(([name]) => name),
    ),
    ...ACTIONS.map((action) =>
      line(
        action,
        ACTORS.map(([, actor]) => (isPermitted(actor, action, { type: 'World', id: 'world' }) ? 'yes' : '·')),
      ),
    ),
    '',
  ].join('\n')
}
