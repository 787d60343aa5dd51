import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, type components, isApiProblem } from '../data/api.ts'
import type { Me } from '../data/session.ts'
import { Confirm } from '../forms/confirm.tsx'
import { ROLES, type Role } from '../forms/invite.tsx'
import { Button } from '../ui/button.tsx'
import { SecretOnce } from '../ui/secret-once.tsx'
import { tell } from '../ui/tell.ts'
import { useLanguage, useWords } from '../words/language.ts'
import { peopleWords } from '../words/people.ts'
import { sayAgo, sayDay, useNow } from '../words/times.ts'

export type Person = components['schemas']['Person']

const failed = (error: unknown) =>
  tell(isApiProblem(error) ? `${error.problem.detail} ${error.problem.remedy ?? ''}` : String(error))

/** Everybody who may sign in, with their role; what cannot be done says why. */
export function PeopleList({ people, me }: { people: readonly Person[]; me: Me }) {
  const words = useWords(peopleWords)
  const client = useQueryClient()
  const [removing, setRemoving] = useState<Person>()
  const again = () => client.invalidateQueries({ queryKey: ['people'] })
  return (
    <>
      <ul className="text-14">
        {people.map((person) => (
          <Line key={person.id} person={person} me={me} onRemove={() => setRemoving(person)} />
        ))}
      </ul>
      {removing ? (
        <Confirm
          title={words.removeTitle(removing.name)}
          does={words.removeDo(removing.name)}
          keeps={words.keep}
          onClose={() => setRemoving(undefined)}
          act={async () => {
            await api.delete('/v1/people/{person}', { params: { path: { person: removing.id } } })
            tell(words.removeTold(removing.name))
            await again()
          }}
        >
          <p className="mb-2">{words.removeLead}</p>
          <ul className="mb-4 list-disc pl-6 text-14">
            {words.removes.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
          <p className="text-14 text-quiet">{words.removeKeeps}</p>
        </Confirm>
      ) : null}
    </>
  )
}

function Line({ person, me, onRemove }: { person: Person; me: Me; onRemove(): void }) {
  const words = useWords(peopleWords)
  const language = useLanguage()
  const client = useQueryClient()
  const isMe = me.person?.id === person.id
  const isGone = person.disabledAt !== null
  const may = (action: Me['may'][number]) => me.may.includes(action)
  const change = useMutation({
    mutationFn: ({ role }: { role: Role; was?: Role }) =>
      api.post('/v1/people/{person}/role', { params: { path: { person: person.id } }, body: { role } }),
    onSuccess: (seen, { was }) => {
      void client.invalidateQueries({ queryKey: ['people'] })
      const undo = was ? { undo: () => change.mutate({ role: was }) } : {}
      tell(words.roleTold(person.name, words.roles[seen.role]), undo)
    },
    onError: failed,
  })
  const link = useMutation({
    mutationFn: () => api.post('/v1/people/sign-in-links', { body: { email: person.email } }),
    onError: failed,
  })
  const now = useNow()
  const why = isMe ? words.why.self : null
  return (
    <li className="border-b border-line py-3">
      <div className="grid items-center gap-x-6 gap-y-2 md:grid-cols-[minmax(0,3fr)_minmax(0,3fr)_160px_auto]">
        <p className="min-w-0">
          <span className={`font-semibold ${isGone ? 'text-quiet line-through' : ''}`}>{person.name}</span>
          {isMe ? <span className="text-quiet"> ({words.you})</span> : null}
          <span className="block truncate text-quiet">{person.email}</span>
        </p>
        <p className="text-quiet">
          {isGone
            ? words.removed(sayDay(person.disabledAt!, language))
            : `${words.roles[person.role]}: ${words.may[person.role]}`}
        </p>
        {isGone ? (
          <span />
        ) : isMe || !may('person.change-role') ? (
          <span className="text-quiet">{words.since(sayDay(person.createdAt, language))}</span>
        ) : (
          <select
            aria-label={words.roleOf(person.name)}
            value={person.role}
            disabled={change.isPending}
            onChange={(event) => change.mutate({ role: event.target.value as Role, was: person.role })}
            className="h-8 rounded border border-line-strong bg-paper px-2 text-14 hover:border-ink"
          >
            {ROLES.map((one) => (
              <option key={one} value={one}>
                {words.roles[one]}
              </option>
            ))}
          </select>
        )}
        {isGone || !may('person.invite') ? (
          <span />
        ) : (
          <span className="flex gap-2 md:justify-end">
            <Button
              size="small"
              aria-label={words.newLinkFor(person.name)}
              disabled={link.isPending}
              onClick={() => link.mutate()}
            >
              {words.newLink}
            </Button>
            <Button
              size="small"
              kind="danger"
              why={may('person.remove') ? why : words.why.may}
              aria-label={words.removeTitle(person.name)}
              onClick={onRemove}
            >
              {words.remove}
            </Button>
          </span>
        )}
      </div>
      {isGone ? null : <Origin person={person} />}
      {isMe
        ? me.links.map((one) => (
            <p key={one.at} className="mt-1 text-13 text-quiet">
              {words.linkFrom(one.by.name, sayAgo(one.at, now, language), one.usedAt !== null)}
            </p>
          ))
        : null}
      {link.data?.url ? (
        <SecretOnce says={words.link(person.email)} secret={link.data.url} onDone={() => link.reset()} />
      ) : null}
    </li>
  )
}

/** What a person's passkeys lead back to, where that matters to what takes two people. */
function Origin({ person }: { person: Person }) {
  const words = useWords(peopleWords)
  const language = useLanguage()
  const { passkeys } = person
  const names = [...new Set(passkeys.flatMap((key) => key.behind.map((one) => one.name)))]
  const vouched = Math.max(...passkeys.map((key) => key.vouchedAt ?? 0))
  const says = passkeys.some((key) => !key.isKnown)
    ? words.ledNowhere
    : names.length > 0
      ? words.ledBack(names.join(', '))
      : vouched > 0
        ? words.vouched(sayDay(vouched, language))
        : undefined
  return says ? <p className="mt-1 text-13 text-quiet">{says}</p> : null
}
