import { queryOptions } from '@tanstack/react-query'
import { assertionFor } from '../forms/passkeys.ts'
import { api, type components, queryClient } from './api.ts'
import { pollUnlessLive } from './live.ts'

export type Approval = components['schemas']['Approval']
export type YamlProblem = components['schemas']['YamlProblem']
export type PromiseChange = components['schemas']['PromiseChange']
export type Attestation = components['schemas']['Attestation']

export const approvalsQuery = (state: 'open' | 'all') =>
  queryOptions({
    queryKey: ['approvals', state],
    queryFn: async () => (await api.get('/v1/approvals', { params: { query: { state } } })).items,
    refetchInterval: pollUnlessLive,
  })

const readOverview = () => api.get('/v1/overview')
export type Overview = Awaited<ReturnType<typeof readOverview>>

export const overviewQuery = queryOptions({
  queryKey: ['approvals', 'overview'],
  queryFn: readOverview,
  refetchInterval: pollUnlessLive,
})

export const overviewHistoryQuery = queryOptions({
  queryKey: ['approvals', 'overview', 'history'],
  queryFn: async () => (await api.get('/v1/overview/history')).items,
  refetchInterval: pollUnlessLive,
})

export const attestationsQuery = (promise?: string) =>
  queryOptions({
    queryKey: ['approvals', 'attestations', promise ?? ''],
    queryFn: async () =>
      (await api.get('/v1/attestations', { params: { query: promise === undefined ? {} : { promise } } }))
        .items,
    refetchInterval: pollUnlessLive,
  })

const about = (approval: string) => ({ params: { path: { approval } } })

/** Approves with a passkey of this device, which signs what is agreed to. */
export async function approveWithPasskey({ id, alone }: Approval): Promise<void> {
  const options = await api.post('/v1/approvals/{approval}/options', about(id))
  const assertion = await assertionFor(options as unknown as PublicKeyCredentialRequestOptionsJSON)
  await api.post('/v1/approvals/{approval}/approve', {
    ...about(id),
    body: { assertion: assertion as never, alone },
  })
}

export async function approveWithCode({ id, alone }: Approval, code: string): Promise<void> {
  await api.post('/v1/approvals/{approval}/approve', { ...about(id), body: { code, alone } })
}

export async function refuse({ id }: Approval, reason: string): Promise<void> {
  await api.post('/v1/approvals/{approval}/refuse', { ...about(id), body: { reason } })
}

export async function withdraw({ id }: Approval): Promise<void> {
  await api.post('/v1/approvals/{approval}/withdraw', { ...about(id), body: {} })
}

/** What was decided changes promises, too. */
export async function refreshAfterDeciding(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ['approvals'] }),
    queryClient.invalidateQueries({ queryKey: ['promises'] }),
  ])
}
