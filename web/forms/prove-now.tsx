import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { askForProof, type PromiseDetail, promiseQuery } from '../data/promises.ts'
import { meQuery } from '../data/session.ts'
import { Button } from '../ui/button.tsx'
import { ProblemNote } from '../ui/states.tsx'
import { useWords } from '../words/language.ts'
import { promiseWords } from '../words/promise.ts'

/** Has the promise proved now, and shows when the evidence is new. */
export function ProveNow({ promise }: { promise: PromiseDetail }) {
  const words = useWords(promiseWords)
  const me = useQuery(meQuery).data
  const [askedAt, setAskedAt] = useState<number>()
  const ask = useMutation({ mutationFn: () => askForProof(promise.id), onSuccess: setAskedAt })
  const isDone = askedAt !== undefined && (promise.provedAt ?? 0) >= askedAt
  const isAwaited = askedAt !== undefined && !isDone
  useQuery({ ...promiseQuery(promise.id, isAwaited), enabled: isAwaited })
  useEffect(() => {
    if (!isDone) return
    const timer = setTimeout(() => setAskedAt(undefined), 4_000)
    return () => clearTimeout(timer)
  }, [isDone])
  const hasProof = promise.provedAt !== null
  const why = !hasProof ? words.noProof : me?.may.includes('promise.prove') ? null : words.mayNot
  return (
    <div className="mt-5">
      <Button size="small" why={why} disabled={ask.isPending || isAwaited} onClick={() => ask.mutate()}>
        {ask.isPending || isAwaited ? words.proving : words.prove}
      </Button>
      <p role="status" className="mt-2 text-14 text-quiet">
        {isDone ? words.proved : (why ?? '')}
      </p>
      {ask.error ? <ProblemNote error={ask.error} /> : null}
    </div>
  )
}
