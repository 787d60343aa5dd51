import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, type components } from '../data/api.ts'
import type { Me } from '../data/session.ts'
import { useActorNames } from '../data/who.ts'
import { Confirm } from '../forms/confirm.tsx'
import { Button } from '../ui/button.tsx'
import { tell } from '../ui/tell.ts'
import { useLanguage, useWords } from '../words/language.ts'
import { peopleWords } from '../words/people.ts'
import { sayAgo, sayDay, sayNumber, useNow } from '../words/times.ts'

export type Token = components['schemas']['Token']

/** The tokens that programs use: what each may, whose it is, and until when; ended ones on demand. */
export function TokenList({ tokens, me }: { tokens: readonly Token[]; me: Me }) {
  const words = useWords(peopleWords)
  const language = useLanguage()
  const now = useNow()
  const client = useQueryClient()
  const [revoking, setRevoking] = useState<Token>()
  const [isEndedShown, setEndedShown] = useState(false)
  const hasEnded = (one: Token) => one.revokedAt !== null || (one.expiresAt !== null && one.expiresAt <= now)
  const ended = tokens.filter(hasEnded)
  const good = tokens.filter((one) => !hasEnded(one))
  return (
    <>
      {good.length === 0 ? <p className="py-2 text-quiet">{words.noTokens}</p> : null}
      <ul className="text-14">
        {[...good, ...(isEndedShown ? ended : [])].map((token) => (
          <Line
            key={token.id}
            token={token}
            hasEnded={hasEnded(token)}
            me={me}
            onRevoke={() => setRevoking(token)}
          />
        ))}
      </ul>
      {ended.length > 0 ? (
        <button
          type="button"
          className="mt-3 text-14 text-quiet hover:text-ink"
          onClick={() => setEndedShown((was) => !was)}
        >
          {isEndedShown ? words.hideEnded : words.showEnded(sayNumber(ended.length, language))}
        </button>
      ) : null}
      {revoking ? (
        <Confirm
          title={words.revokeTitle(revoking.name)}
          does={words.revokeDo(revoking.name)}
          keeps={words.keep}
          onClose={() => setRevoking(undefined)}
          act={async () => {
            await api.delete('/v1/tokens/{token}', { params: { path: { token: revoking.id } } })
            tell(words.revokeTold(revoking.name))
            await client.invalidateQueries({ queryKey: ['people'] })
          }}
        >
          <p>{words.revokeLead}</p>
        </Confirm>
      ) : null}
    </>
  )
}

function Line({
  token,
  hasEnded,
  me,
  onRevoke,
}: {
  token: Token
  hasEnded: boolean
  me: Me
  onRevoke(): void
}) {
  const words = useWords(peopleWords)
  const language = useLanguage()
  const now = useNow()
  const nameOf = useActorNames()
  const until =
    token.revokedAt !== null
      ? words.revoked(sayDay(token.revokedAt, language))
      : token.expiresAt === null
        ? ''
        : hasEnded
          ? words.expired(sayDay(token.expiresAt, language))
          : `${words.expires} ${sayDay(token.expiresAt, language)}`
  return (
    <li className="grid items-center gap-x-6 gap-y-1 border-b border-line py-3 md:grid-cols-[minmax(0,3fr)_minmax(0,3fr)_160px_auto]">
      <p className="min-w-0">
        <span className={`font-semibold ${hasEnded ? 'text-quiet line-through' : ''}`}>{token.name}</span>
        <span className="block truncate text-quiet">
          {words.by}: {nameOf(token.createdBy)}
        </span>
      </p>
      <p className="min-w-0 text-quiet">
        {words.roles[token.role]}:{' '}
        {token.scopes.includes('*') ? (
          words.everything
        ) : (
          <code className="break-words text-ink">{token.scopes.join(' ')}</code>
        )}
      </p>
      <p className="text-quiet">
        {until}
        <span className="block">
          {words.used}: {token.lastUsedAt === null ? words.never : sayAgo(token.lastUsedAt, now, language)}
        </span>
      </p>
      {hasEnded ? (
        <span />
      ) : (
        <Button
          size="small"
          kind="danger"
          why={me.may.includes('token.revoke') ? null : words.why.may}
          aria-label={words.revokeTitle(token.name)}
          onClick={onRevoke}
        >
          {words.revoke}
        </Button>
      )}
    </li>
  )
}
