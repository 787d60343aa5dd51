import { queryOptions } from '@tanstack/react-query'
import { api, type components } from './api.ts'
import { pollUnlessLive } from './live.ts'

export type Promised = components['schemas']['Promise']
export type Verdict = Promised['verdict']
export type Heading = Promised['heading']
export type Population = components['schemas']['Population']
export type Day = components['schemas']['Day']

export const VERDICTS = ['kept', 'broken', 'unknown', 'unexercised'] as const satisfies readonly Verdict[]
export const HEADINGS = [
  'organisation-security',
  'physical-security',
  'operational-security',
  'data-security',
  'incident-management',
] as const satisfies readonly Heading[]

/** Every promise with its verdict, in the order of the wall. */
export const promisesQuery = queryOptions({
  queryKey: ['promises'],
  queryFn: async () => (await api.get('/v1/promises')).items,
  refetchInterval: pollUnlessLive,
})

export type PromiseDetail = Awaited<ReturnType<typeof readPromise>>
export type Finding = PromiseDetail['findings'][number]

const readPromise = (promise: string) => api.get('/v1/promises/{promise}', { params: { path: { promise } } })

/** One promise with its evidence; asked for again quickly while `isAwaited`. */
export const promiseQuery = (promise: string, isAwaited = false) =>
  queryOptions({
    queryKey: ['promises', promise],
    queryFn: () => readPromise(promise),
    refetchInterval: isAwaited ? 700 : pollUnlessLive,
  })

/** Has a promise proved as soon as the prover comes to it; resolves with the time of asking. */
export async function askForProof(promise: string): Promise<number> {
  const { askedAt } = await api.post('/v1/promises/{promise}/prove', { params: { path: { promise } } })
  return askedAt
}
