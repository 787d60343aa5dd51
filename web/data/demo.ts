import { queryOptions } from '@tanstack/react-query'
import { setWorldOffset } from '../words/times.ts'
import { api, type components } from './api.ts'
import { pollUnlessLive } from './live.ts'

export type Demo = components['schemas']['Demo']
export type What = Demo['breakable'][number]['what']

const BUSY_MS = 700

/** What is broken on purpose in a demo world, and its clock; asked for quickly while something is under way. */
export const demoQuery = queryOptions({
  queryKey: ['demo'],
  queryFn: async () => {
    const demo = await api.get('/v1/demo')
    setWorldOffset(demo.offsetMs)
    return demo
  },
  refetchInterval: (query) => {
    const demo = query.state.data
    const isBusy = demo && (demo.doing.length > 0 || (demo.advance && demo.advance.endedAt === null))
    return isBusy ? BUSY_MS : pollUnlessLive()
  },
})

export const breakIt = (what: What) => api.post('/v1/demo/break/{what}', { params: { path: { what } } })
export const mendIt = (what: What) => api.post('/v1/demo/mend/{what}', { params: { path: { what } } })
export const advanceBy = (by: string) => api.post('/v1/demo/advance', { body: { by } })
