import { UNKNOWN } from '../actor.ts'
import type { ApprovalRow, ApprovalState, Manner } from './store.ts'

/** Whether a person may approve something now: how it then counts, or why not. */
export type MayApprove = { may: true; manner: Manner } | { may: false; why: string; remedy: string }

/** By what a person would approve: a one-time code, which is the host's word, or a passkey that leads back to these people. */
export type Means = 'code' | readonly string[]

/** The state as it is now: what nobody answered in time has expired, whether or not it was noted yet. */
export function stateOf(row: Pick<ApprovalRow, 'state' | 'expires_at'>, now: number): ApprovalState {
  return row.state === 'open' && row.expires_at <= now ? 'expired' : row.state
}

/**
 * Who asked can never be the second person, nor whoever got in by way of the same person as who asked: through links, sessions and
 * tokens, as far back as they lead. What is not known leads to anybody. Where only one person could approve at all, that one may do
 * so alone if this kind of thing allows it; the public line then says so.
 */
export function mayApprove(given: {
  approval: Pick<ApprovalRow, 'state' | 'expires_at' | 'requester' | 'behind' | 'may_alone'>
  /** Who would approve; undefined when it is no person. */
  person: string | undefined
  means: Means
  /** Everybody who has the right to approve this. */
  approvers: readonly string[]
  now: number
}): MayApprove {
  const { approval, person, means, approvers, now } = given
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
  const tie = approval.requester === null ? null : tieBetween(approval, person, means)
  if (approval.requester !== null && tie === null) return { may: true, manner: 'second person' }
  if (isOnlyOne && approval.may_alone) return { may: true, manner: 'one person' }
  const invite = 'Invite another owner: `borgen sign-in-link --email … --role owner`.'
  if (approval.requester === null)
    return no(
      'It was asked for by nobody who can be named, so nobody can be told to be another person.',
      'Withdraw it and ask again in the console, or name who asks with `--by`.',
    )
  if (tie !== null && tie !== 'self') return no(TIES[tie].why, TIES[tie].remedy)
  return no(
    'You asked for this yourself: another person must agree.',
    isOnlyOne ? invite : 'Ask one of the other owners.',
  )
}

/** Among what somebody could use, what counts most; a code where they have nothing else. */
export function bestMeans(
  given: Omit<Parameters<typeof mayApprove>[0], 'means'>,
  passkeys: readonly (readonly string[])[],
): MayApprove {
  const answers = passkeys.map((means) => mayApprove({ ...given, means }))
  const counts = (manner: Manner) => answers.find((one) => one.may && one.manner === manner)
  return (
    counts('second person') ?? counts('one person') ?? answers[0] ?? mayApprove({ ...given, means: 'code' })
  )
}

type Tie = 'self' | 'asked through you' | 'asker unknown' | 'passkey unknown' | 'same person'

/** Why these two do not count as two; null when they do. */
function tieBetween(
  { requester, behind: askers }: Pick<ApprovalRow, 'requester' | 'behind'>,
  person: string,
  means: Means,
): Tie | null {
  if (requester === person) return 'self'
  if (askers.includes(person)) return 'asked through you'
  if (means === 'code') return null
  if (askers.includes(UNKNOWN)) return 'asker unknown'
  if (means.includes(UNKNOWN)) return 'passkey unknown'
  return means.some((one) => askers.includes(one)) ? 'same person' : null
}

const VOUCH =
  'Somebody at the host vouches for you (`borgen person vouch EMAIL`), or makes a one-time code (`borgen approve-code`).'
const TIES: Readonly<Record<Exclude<Tie, 'self'>, { why: string; remedy: string }>> = {
  'asked through you': {
    why: 'Who asked got in by a link or token that leads back to you, so you two do not count as two.',
    remedy:
      'Somebody at the host vouches for who asked (`borgen person vouch EMAIL`); they sign in with their passkey and ask again.',
  },
  'asker unknown': {
    why: 'It is not known how who asked got in, so nobody can be told to be another person.',
    remedy:
      'Somebody at the host makes a one-time code (`borgen approve-code`), or vouches for who asked (`borgen person vouch EMAIL`), who signs in with their passkey and asks again.',
  },
  'passkey unknown': {
    why: 'It is not known how your passkey was added, so it does not count as a second person’s.',
    remedy: VOUCH,
  },
  'same person': {
    why: 'Your passkey was added by way of a link that leads back to who asked, or to somebody who let both of you in, so it does not count as a second person’s.',
    remedy: VOUCH,
  },
}

const SENTENCE_OF: Readonly<Record<Exclude<ApprovalState, 'open'>, string>> = {
  approved: 'It was approved already.',
  'carried-out': 'It was approved and carried out already.',
  refused: 'It was refused.',
  withdrawn: 'It was withdrawn.',
  expired: 'Nobody approved it in time.',
}
