import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { api, isApiProblem } from '../data/api.ts'
import type { Instance } from '../data/fleet.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { fieldLook } from '../ui/filters.tsx'
import { LoadingLines, ProblemNote } from '../ui/states.tsx'
import { tell } from '../ui/tell.ts'
import { instanceWords } from '../words/instance.ts'
import { useWords } from '../words/language.ts'
import { usePreview } from './use-preview.ts'

type Plan = { confirm: string; destroys: string[]; keeps: string[] }

/** What would be destroyed, as the server says it: asked without the confirmation it does nothing else. */
async function planOf(instance: string): Promise<Plan> {
  try {
    await api.delete('/v1/instances/{instance}', { params: { path: { instance } }, body: {} })
  } catch (error) {
    if (isApiProblem(error, 'confirmation_needed')) return error.problem.more as Plan
    throw error
  }
  throw new Error('The server destroyed without asking.')
}

/** Destruction, planned first: what goes, what stays, and the name to type. */
export function DestroyInstance({
  instance,
  isOpen,
  onClose,
}: {
  instance: Instance
  isOpen: boolean
  onClose(): void
}) {
  const words = useWords(instanceWords)
  const client = useQueryClient()
  const id = useId()
  const [typed, setTyped] = useState('')
  const { plan, error } = usePreview(isOpen, () => planOf(instance.id))
  const destroy = useMutation({
    mutationFn: () =>
      api.delete('/v1/instances/{instance}', {
        params: { path: { instance: instance.id } },
        body: { confirm: typed },
      }),
    onSuccess: () => {
      tell(words.destroyTold(instance.company))
      void client.invalidateQueries({ queryKey: ['instances'] })
      onClose()
    },
  })
  const say = (line: string) => words.destroys[line as keyof typeof words.destroys] ?? line
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={words.destroyTitle(instance.company)}>
      {error ? <ProblemNote error={error} /> : plan === undefined ? <LoadingLines count={4} /> : null}
      {plan ? (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (typed === plan.confirm) destroy.mutate()
          }}
        >
          <p className="mb-2">{words.destroyLead}</p>
          <ol className="mb-4 list-decimal pl-6 text-14">
            {plan.destroys.map((line) => (
              <li key={line}>{say(line)}</li>
            ))}
          </ol>
          <p className="mb-2">{words.destroyKeeps}</p>
          <ul className="mb-6 list-disc pl-6 text-14 text-quiet">
            {plan.keeps.map((line) => (
              <li key={line}>{say(line)}</li>
            ))}
          </ul>
          <label htmlFor={id} className="mb-1 block text-14">
            {words.type(plan.confirm)}
          </label>
          <input
            id={id}
            value={typed}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setTyped(event.target.value)}
            className={fieldLook}
          />
          {destroy.error ? (
            <div className="mt-4">
              <ProblemNote error={destroy.error} />
            </div>
          ) : null}
          <div className="mt-6 flex flex-wrap gap-3">
            <Button
              type="submit"
              kind="danger"
              disabled={destroy.isPending}
              why={typed === plan.confirm ? null : words.type(plan.confirm)}
            >
              {words.destroyDo(instance.company)}
            </Button>
            <Button kind="quiet" onClick={onClose}>
              {words.keep}
            </Button>
          </div>
        </form>
      ) : null}
    </Dialog>
  )
}
