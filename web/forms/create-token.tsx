import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { api } from '../data/api.ts'
import { meQuery } from '../data/session.ts'
import { Button } from '../ui/button.tsx'
import { fieldLook } from '../ui/filters.tsx'
import { SecretOnce } from '../ui/secret-once.tsx'
import { ProblemNote } from '../ui/states.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useWords } from '../words/language.ts'
import { peopleWords } from '../words/people.ts'
import { ROLES, type Role } from './invite.tsx'

const RANK: Record<Role, number> = { auditor: 0, operator: 1, owner: 2 }

/** A form that makes a token: what for, how long, and what it may; shown once. */
export function CreateToken({ onDone }: { onDone(): void }) {
  const words = useWords(peopleWords)
  const client = useQueryClient()
  const me = useQuery(meQuery).data
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('operator')
  const [isAll, setAll] = useState(false)
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const [isTried, setTried] = useState(false)
  const id = useId()
  const make = useMutation({
    mutationFn: (body: { name: string; role: Role; days: number; scopes: string[] }) =>
      api.post('/v1/tokens', { body }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['people'] }),
  })
  const mine = me?.person?.role ?? 'auditor'
  const roles = ROLES.filter((one) => RANK[one] <= RANK[mine])
  const groups = [...new Set((me?.may ?? []).map((action) => action.split('.')[0]!))]
  const scopes = isAll ? ['*'] : [...picked].map((group) => `${group}.*`)

  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setTried(true)
    const days = Number(new FormData(event.currentTarget).get('days'))
    if (scopes.length > 0) make.mutate({ name, role, days, scopes })
  }
  if (make.data?.token)
    return <SecretOnce says={words.tokenShown(make.data.name)} secret={make.data.token} onDone={onDone} />
  return (
    <form onSubmit={send}>
      <TextField
        label={words.tokenName}
        value={name}
        required
        maxLength={100}
        className="mb-4"
        onChange={({ target }) => setName(target.value)}
      />
      <div className="mb-4 grid grid-cols-2 gap-4">
        <div className="min-w-0">
          <label htmlFor={id} className="mb-1 block text-13 text-quiet">
            {words.role}
          </label>
          <select
            id={id}
            value={role}
            onChange={(event) => setRole(event.target.value as Role)}
            className={fieldLook}
          >
            {roles.map((one) => (
              <option key={one} value={one}>
                {words.roles[one]}
              </option>
            ))}
          </select>
        </div>
        <TextField
          label={words.days}
          hint={words.daysHint}
          name="days"
          type="number"
          min={1}
          max={366}
          defaultValue={90}
          required
        />
      </div>
      <fieldset>
        <legend className="mb-1 text-13 text-quiet">{words.scopes}</legend>
        <Check type="radio" isOn={isAll} onChange={() => setAll(true)} label={words.allScopes} />
        <Check type="radio" isOn={!isAll} onChange={() => setAll(false)} label={words.someScopes} />
        {isAll ? null : (
          <div className="grid grid-cols-2 gap-x-4 pt-1 pl-7 sm:grid-cols-3">
            {groups.map((group) => (
              <Check
                key={group}
                type="checkbox"
                isOn={picked.has(group)}
                label={<code>{group}.*</code>}
                onChange={(isOn) => {
                  const next = new Set(picked)
                  if (isOn) next.add(group)
                  else next.delete(group)
                  setPicked(next)
                }}
              />
            ))}
          </div>
        )}
        {isTried && scopes.length === 0 ? (
          <p role="alert" className="mt-1 text-13 text-broken">
            {words.pickOne}
          </p>
        ) : null}
      </fieldset>
      {make.error ? (
        <div className="mt-4">
          <ProblemNote error={make.error} />
        </div>
      ) : null}
      <Button type="submit" kind="main" className="mt-6 max-w-full" disabled={make.isPending}>
        <span className="truncate">{words.createDo(name.trim())}</span>
      </Button>
    </form>
  )
}

function Check({
  type,
  isOn,
  label,
  onChange,
}: {
  type: 'radio' | 'checkbox'
  isOn: boolean
  label: React.ReactNode
  onChange(isOn: boolean): void
}) {
  return (
    <label className="flex min-h-8 cursor-pointer items-center gap-2.5 text-14">
      <input
        type={type}
        checked={isOn}
        onChange={(event) => onChange(event.target.checked)}
        className="size-4 shrink-0 accent-accent"
      />
      {label}
    </label>
  )
}
