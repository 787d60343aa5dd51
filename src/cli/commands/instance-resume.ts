import { wishCommand } from '../instance-argument.ts'

export const command = wishCommand({
  description: 'Let a suspended instance run again.',
  until: 'it is awake',
  example: 'borgen instance resume acme',
  send: (api, path) => api.post('/v1/instances/{instance}/resume', { params: { path } }),
})
