import { existsSync } from 'node:fs'
import type { Mount } from './sandbox-plan.ts'

/** The system's programs and libraries, to read; /bin and its like as the links or folders that they are here. */
export function systemMounts(): Mount[] {
  const merged = ['bin', 'sbin', 'lib', 'lib32', 'lib64'].filter((name) => existsSync(`/${name}`))
  return [
    { kind: 'read-only', from: '/usr', to: '/usr' },
    ...merged.map((name): Mount => {
      const inUsr = existsSync(`/usr/${name}`)
      return inUsr
        ? { kind: 'link', target: `usr/${name}`, to: `/${name}` }
        : { kind: 'read-only', from: `/${name}`, to: `/${name}` }
    }),
  ]
}
