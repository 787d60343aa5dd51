import { queryOptions } from '@tanstack/react-query'
import { api, type components, isApiProblem } from './api.ts'

export type Me = components['schemas']['Me']
export type Action = Me['may'][number]

/** Who is signed in, and what they may do; null when nobody is. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async (): Promise<Me | null> => {
    try {
      return await api.get('/v1/me')
    } catch (error) {
      if (isApiProblem(error, 'unauthenticated')) return null
      throw error
    }
  },
  staleTime: 30_000,
})
