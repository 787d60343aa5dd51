import { wishCommand } from '../instance-argument.ts'

export const command = wishCommand({
  description: 'Put an instance to sleep; its next request wakes it.',
  until: 'it is asleep',
  example: 'borgen instance sleep acme',
  send: (api, path) => api.post('/v1/instances/{instance}/sleep', { params: { path } }),
})
