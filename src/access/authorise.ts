import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type * as Cedar from '@cedar-policy/cedar-wasm/nodejs'
import { AppError } from '../kernel/errors.ts'
import { type Action, groupOf } from './actions.ts'
import type { Actor } from './actor.ts'

const cedar = createRequire(import.meta.url)('@cedar-policy/cedar-wasm/nodejs') as typeof Cedar
const POLICY_SET = 'borgen'

const parsed = cedar.preparsePolicySet(POLICY_SET, {
  staticPolicies: readFileSync(new URL('./policy.cedar', import.meta.url), 'utf8'),
})
if (parsed.type === 'failure')
  throw new Error(`policy.cedar: ${parsed.errors.map((error) => error.message).join('; ')}`)

/** What the policy file says; an error while deciding is a no. */
export function isPermitted(actor: Actor, action: Action, resource: { type: string; id: string }): boolean {
  const principal = { type: PRINCIPAL_TYPE[actor.kind], id: actor.id }
  const asRole = (role: string) =>
    decide({ type: 'Person', id: 'role' }, { role }, action, { type: 'Role', id: role }, {})
  if (actor.kind !== 'token')
    return decide(principal, actor.kind === 'person' ? { role: actor.role } : {}, action, resource, {})
  return decide(principal, { role: actor.role, scopes: actor.scopes }, action, resource, {
    action,
    group: `${groupOf(action)}.*`,
    operatorMay: actor.role === 'operator' && asRole('operator'),
    auditorMay: actor.role === 'auditor' && asRole('auditor'),
  })
}

/** Throws `forbidden` unless the policy permits it. */
export function authorise(actor: Actor, action: Action, resource: { type: string; id: string }): void {
  if (isPermitted(actor, action, resource)) return
  throw new AppError('forbidden', `You may not do this (${action}).`, {
    remedy: 'Ask an owner for the role or a token with this scope; src/access/policy.cedar says who may.',
  })
}

const PRINCIPAL_TYPE = { person: 'Person', token: 'Token', process: 'Process' } as const

function decide(
  principal: Cedar.TypeAndId,
  attributes: Record<string, Cedar.CedarValueJson>,
  action: Action,
  resource: Cedar.TypeAndId,
  context: Record<string, Cedar.CedarValueJson>,
): boolean {
  const answer = cedar.statefulIsAuthorized({
    principal,
    action: { type: 'Action', id: action },
    resource,
    context,
    preparsedPolicySetId: POLICY_SET,
    entities: [{ uid: principal, attrs: attributes, parents: [] }],
  })
  return (
    answer.type === 'success' &&
    answer.response.decision === 'allow' &&
    answer.response.diagnostics.errors.length === 0
  )
}
