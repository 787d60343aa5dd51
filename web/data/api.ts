import { QueryClient } from '@tanstack/react-query'
import { createBrowserClient } from '../../src/api-client/browser.ts'
import { isApiProblem } from '../../src/api-client/problem.ts'

export { ApiProblem, isApiProblem, type Problem } from '../../src/api-client/problem.ts'
export type { components } from '../../src/api-client/schema.ts'

/** The plane's API, as whoever is signed in here. */
export const api = createBrowserClient()

// Until the server tells of changes itself, and when it cannot: everything that is shown is asked for again.
export const POLL_MS = 5_000

const answered = (error: unknown) =>
  isApiProblem(error) && error.problem.status >= 400 && error.problem.status < 500

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      refetchOnWindowFocus: true,
      // A refusal stays one; a server that is being replaced comes back.
      retry: (count, error) => !answered(error) && count < 3,
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
})
