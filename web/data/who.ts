import { queryOptions, useQuery } from '@tanstack/react-query'
import { api } from './api.ts'
import { type Action, meQuery } from './session.ts'

/** Whether whoever is signed in may do this; undefined until it is known. */
export function useMay(action: Action): boolean | undefined {
  const { data } = useQuery(meQuery)
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
