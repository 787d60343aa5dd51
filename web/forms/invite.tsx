import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { api } from '../data/api.ts'
import { Button } from '../ui/button.tsx'
import { fieldLook } from '../ui/filters.tsx'
import { SecretOnce } from '../ui/secret-once.tsx'
import { ProblemNote } from '../ui/states.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useWords } from '../words/language.ts'
import { peopleWords } from '../words/people.ts'

export const ROLES = ['operator', 'auditor', 'owner'] as const
export type Role = (typeof ROLES)[number]

/** A form that makes a one-time link for somebody new; whoever hands it over says who they are. */
export function Invite({ onDone }: { onDone(): void }) {
  const words = useWords(peopleWords)
  const client = useQueryClient()
  const id = useId()
  const [role, setRole] = useState<Role>('operator')
  const invite = useMutation({
    mutationFn: (body: { email: string; name: string; role: Role }) =>
      api.post('/v1/people/sign-in-links', { body }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['people'] }),
  })
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    invite.mutate({ email: String(form.get('email')), name: String(form.get('name')), role })
  }
  if (invite.data?.url)
    return <SecretOnce says={words.link(invite.variables.email)} secret={invite.data.url} onDone={onDone} />
  return (
    <form onSubmit={send}>
      <TextField label={words.name} name="name" required maxLength={100} className="mb-4" />
      <TextField label={words.email} name="email" type="email" required maxLength={254} className="mb-4" />
      <label htmlFor={id} className="mb-1 block text-13 text-quiet">
        {words.role}
      </label>
      <select
        id={id}
        value={role}
        onChange={(event) => setRole(event.target.value as Role)}
        className={fieldLook}
      >
        {ROLES.map((one) => (
          <option key={one} value={one}>
            {words.roles[one]}: {words.may[one]}
          </option>
        ))}
      </select>
      {invite.error ? (
        <div className="mt-4">
          <ProblemNote error={invite.error} />
        </div>
      ) : null}
      <Button type="submit" kind="main" className="mt-6" disabled={invite.isPending}>
        {words.inviteDo}
      </Button>
    </form>
  )
}
