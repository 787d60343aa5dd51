import { useMutation, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { api, isApiProblem } from '../data/api.ts'
import { type Instance, stateOf } from '../data/fleet.ts'
import { useMay } from '../data/who.ts'
import { Button, buttonLook } from '../ui/button.tsx'
import { tell } from '../ui/tell.ts'
import { fleetWords } from '../words/fleet.ts'
import { instanceWords } from '../words/instance.ts'
import { useWords } from '../words/language.ts'

const DestroyInstance = lazy(async () => ({
  default: (await import('./destroy-instance.tsx')).DestroyInstance,
}))

type Verb = 'wake' | 'sleep' | 'suspend' | 'resume'
const UNDO: Record<Verb, Verb> = { wake: 'sleep', sleep: 'wake', suspend: 'resume', resume: 'suspend' }

/** What can be done with an instance now; what cannot be says why. */
export function InstanceActions({ instance }: { instance: Instance }) {
  const words = useWords(instanceWords)
  const fleet = useWords(fleetWords)
  const client = useQueryClient()
  const [isDestroying, setDestroying] = useState(false)
  const act = useMutation({
    mutationFn: (verb: Verb) =>
      api.post(`/v1/instances/{instance}/${verb}`, { params: { path: { instance: instance.id } } }),
    onSuccess: (seen, verb) => {
      client.setQueryData(['instances', instance.id], seen)
      tell(words.asked[verb](instance.company), { undo: () => act.mutate(UNDO[verb]) })
    },
    onError: (error) =>
      tell(isApiProblem(error) ? `${error.problem.detail} ${error.problem.remedy ?? ''}` : String(error)),
  })
  const may: Record<Verb | 'destroy', boolean | undefined> = {
    wake: useMay('instance.wake'),
    sleep: useMay('instance.sleep'),
    suspend: useMay('instance.suspend'),
    resume: useMay('instance.resume'),
    destroy: useMay('instance.destroy'),
  }
  const isGoing = instance.desired === 'destroyed'
  const isSuspended = instance.desired === 'suspended'
  const state = stateOf(instance)
  const whyNot = (verb: Verb | 'destroy'): string | null => {
    if (may[verb] === false) return words.why.may
    if (isGoing) return words.why.destroyed
    if (verb === 'destroy') return null
    if (verb === 'resume') return isSuspended ? null : words.why.notSuspended
    if (isSuspended) return verb === 'suspend' ? words.why.isSuspended : words.why.suspended
    if (verb === 'wake' && state === 'awake') return words.why.awake
    if (verb === 'sleep' && state === 'asleep') return words.why.asleep
    return null
  }
  const verbs: Verb[] = ['wake', 'sleep', isSuspended ? 'resume' : 'suspend']
  return (
    <div className="flex flex-wrap gap-2">
      {isGoing || isSuspended ? null : (
        <a
          href={instance.url}
          target="_blank"
          rel="noreferrer"
          aria-label={fleet.opens(instance.host)}
          title={state === 'asleep' ? words.why.wakes : undefined}
          className={buttonLook('main', 'small')}
        >
          {words.open}
          <span aria-hidden="true">↗</span>
        </a>
      )}
      {verbs.map((verb) => (
        <Button
          key={verb}
          size="small"
          disabled={act.isPending}
          why={whyNot(verb)}
          onClick={() => act.mutate(verb)}
        >
          {words[verb]}
        </Button>
      ))}
      <Button size="small" kind="danger" why={whyNot('destroy')} onClick={() => setDestroying(true)}>
        {words.destroy}
      </Button>
      <Suspense>
        {isDestroying ? (
          <DestroyInstance instance={instance} isOpen={isDestroying} onClose={() => setDestroying(false)} />
        ) : null}
      </Suspense>
    </div>
  )
}
