import { existsSync, lstatSync, readlinkSync } from 'node:fs'
import type { Mount } from './sandbox-plan.ts'

/** The system's programs and libraries, to read; /bin and its like as the links or folders that they are here. */
export function systemMounts(): Mount[] {
  const present = ['bin', 'sbin', 'lib', 'lib32', 'lib64'].filter((name) => existsSync(`/${name}`))
  return [
    { kind: 'read-only', from: '/usr', to: '/usr' },
    ...present.map((name): Mount => {
      // Where the system did not move it into /usr, the folder of that name there is another one.
      return lstatSync(`/${name}`).isSymbolicLink()
        ? { kind: 'link', target: readlinkSync(`/${name}`), to: `/${name}` }
        : { kind: 'read-only', from: `/${name}`, to: `/${name}` }
    }),
  ]
}
