import { queryOptions } from '@tanstack/react-query'
import { api, isApiProblem } from './api.ts'

export type Session = { name: string; world: { id: string; demo: boolean } }

/** Who is signed in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async (): Promise<Session | null> => {
    try {
      const { world } = await api.get('/v1/status')
      return { name: '', world }
    } catch (error) {
      if (isApiProblem(error, 'unauthenticated')) return null
      throw error
    }
  },
  staleTime: 30_000,
})
