/** Everything that can be asked for. Scopes of tokens are these names, `group.*`, or `*`. */
export const ACTIONS = [
  'status.read',
  'me.read',
  'events.read',
  'promise.list',
  'promise.read',
  'promise.prove',
  'overview.read',
  'overview.propose',
  'attestation.list',
  'attestation.read',
  'attestation.sign',
  'attestation.withdraw',
  'approval.list',
  'approval.read',
  'approval.approve',
  'approval.code',
  'approval.refuse',
  'approval.withdraw',
  'region.list',
  'account.list',
  'account.read',
  'account.sign-up',
  'instance.list',
  'instance.read',
  'instance.logs',
  'instance.wake',
  'instance.sleep',
  'instance.suspend',
  'instance.resume',
  'instance.destroy',
  'app.list',
  'app.add',
  'log.read',
  'person.list',
  'person.invite',
  'person.vouch',
  'person.change-role',
  'person.remove',
  'token.create',
  'token.list',
  'token.revoke',
  'demo.read',
  'demo.break',
  'demo.mend',
  'demo.advance',
  'edge.resolve',
  'edge.report',
] as const

export type Action = (typeof ACTIONS)[number]
export type Role = 'owner' | 'operator' | 'auditor'

export const SCOPES: readonly string[] = [
  '*',
  ...new Set(ACTIONS.map((action) => `${groupOf(action)}.*`)),
  ...ACTIONS,
]

export function groupOf(action: Action): string {
  return action.split('.')[0]!
}
