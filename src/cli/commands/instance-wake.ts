import { wishCommand } from '../instance-argument.ts'

export const command = wishCommand({
  description: 'Wake an instance without waiting for its first request.',
  until: 'it is awake',
  example: 'borgen instance wake acme',
  send: (api, path) => api.post('/v1/instances/{instance}/wake', { params: { path } }),
})
