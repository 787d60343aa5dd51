import type { ApprovalRow, ApprovalState, Manner } from './store.ts'

/** Whether a person may approve something now: how it then counts, or why not. */
export type MayApprove = { may: true; manner: Manner } | { may: false; why: string; remedy: string }

/** The state as it is now: what nobody answered in time has expired, whether or not it was noted yet. */
export function stateOf(row: Pick<ApprovalRow, 'state' | 'expires_at'>, now: number): ApprovalState {
  return row.state === 'open' && row.expires_at <= now ? 'expired' : row.state
}

/**
 * Who asked can never be the second person. Where only one person could approve at all, that one may do so alone if this kind of
 * thing allows it; the public line then says so.
 */
export function mayApprove(given: {
  approval: Pick<ApprovalRow, 'state' | 'expires_at' | 'requester' | 'may_alone'>
  /** Who would approve; undefined when it is no person. */
  person: string | undefined
  /** Everybody who has the right to approve this. */
  approvers: readonly string[]
  now: number
}): MayApprove {
  const { approval, person, approvers, now } = given
  const no = (why: string, remedy: string): MayApprove => ({ may: false, why, remedy })
  const state = stateOf(approval, now)
  if (state !== 'open')
    return no(SENTENCE_OF[state], 'Ask again if it is still wanted; `borgen approval list --all` shows it.')
  if (person === undefined)
    return no(
      'Only a person can approve, with a passkey or a one-time code of their own.',
      'Sign in to the console and approve there, or use `borgen approve-code`.',
    )
  if (!approvers.includes(person))
    return no('You may not approve this.', 'An owner may; src/access/policy.cedar says who.')
  const isOnlyOne = approvers.length === 1
  if (approval.requester !== null && approval.requester !== person)
    return { may: true, manner: 'second person' }
  if (isOnlyOne && approval.may_alone) return { may: true, manner: 'one person' }
  const invite = 'Invite another owner: `borgen sign-in-link --email … --role owner`.'
  if (approval.requester === null)
    return no(
      'It was asked for by nobody who can be named, so nobody can be told to be another person.',
      'Withdraw it and ask again in the console, or name who asks with `--by`.',
    )
  return no(
    'You asked for this yourself: another person must agree.',
    isOnlyOne ? invite : 'Ask one of the other owners.',
  )
}

const SENTENCE_OF: Readonly<Record<Exclude<ApprovalState, 'open'>, string>> = {
  approved: 'It was approved already.',
  'carried-out': 'It was approved and carried out already.',
  refused: 'It was refused.',
  withdrawn: 'It was withdrawn.',
  expired: 'Nobody approved it in time.',
}
