import { wishCommand } from '../instance-argument.ts'

export const command = wishCommand({
  description: 'Stop an instance; requests do not wake it until it is resumed.',
  until: 'it is stopped',
  example: 'borgen instance suspend acme',
  send: (api, path) => api.post('/v1/instances/{instance}/suspend', { params: { path } }),
})
