import { queryOptions, useQuery } from '@tanstack/react-query'
import { api } from './api.ts'

export type Me = Awaited<ReturnType<typeof readMe>>
const readMe = () => api.get('/v1/me')

/** Who is signed in, and what the policy lets them do. */
export const whoQuery = queryOptions({ queryKey: ['people', 'me'], queryFn: readMe, staleTime: 30_000 })

/** Whether whoever is signed in may do this; undefined until it is known. */
export function useMay(action: Me['may'][number]): boolean | undefined {
  const { data } = useQuery(whoQuery)
  return data?.may.includes(action)
}

export const peopleQuery = queryOptions({
  queryKey: ['people', 'list'],
  queryFn: async () => (await api.get('/v1/people')).items,
  staleTime: 10_000,
})
export const tokensQuery = queryOptions({
  queryKey: ['people', 'tokens'],
  queryFn: async () => (await api.get('/v1/tokens')).items,
  staleTime: 10_000,
})

/** An actor as people know it: `person:per_…` → the name, `token:tok_…` → the token's. */
export function useActorNames(): (actor: string) => string {
  const mayList = useMay('person.list') === true
  const mayTokens = useMay('token.list') === true
  const people = useQuery({ ...peopleQuery, enabled: mayList }).data
  const tokens = useQuery({ ...tokensQuery, enabled: mayTokens }).data
  return (actor) => {
    const [kind, id = ''] = actor.split(':')
    if (kind === 'person') return people?.find((one) => one.id === id)?.name ?? id
    if (kind === 'token') return tokens?.find((one) => one.id === id)?.name ?? id
    return kind === 'process' ? `Borgen (${id})` : actor
  }
}
