import { once } from 'node:events'
import { createServer } from 'node:net'
import { AppError } from '../kernel/errors.ts'

type Ports = { bindAddress: string; httpsPort: number; httpPort: number }

/** Throws naming the port that somebody else has (or that this user may not take) and the option for another one. */
export async function requireFreePorts({ bindAddress, httpsPort, httpPort }: Ports): Promise<void> {
  for (const [option, port] of [
    ['--https-port', httpsPort],
    ['--http-port', httpPort],
  ] as const) {
    const code = await tryPort(bindAddress, port)
    if (code === undefined) continue
    const why: Record<string, string> = {
      EADDRINUSE: `Port ${port} on ${bindAddress} is in use by another program.`,
      EACCES: `Port ${port} may not be opened by this user.`,
      EADDRNOTAVAIL: `${bindAddress} is not an address of this machine.`,
    }
    throw new AppError(
      'conflict',
      why[code] ?? `Port ${port} on ${bindAddress} cannot be opened (${code}).`,
      {
        remedy:
          code === 'EADDRNOTAVAIL'
            ? 'Give one of its addresses with --bind ADDRESS.'
            : `Free it, or choose another with ${option} N (0 takes any free one).`,
      },
    )
  }
}

/** A port that nobody listens on at this moment. */
export async function freePort(bindAddress: string): Promise<number> {
  const server = createServer().listen(0, bindAddress)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

async function tryPort(bindAddress: string, port: number): Promise<string | undefined> {
  const server = createServer().listen(port, bindAddress)
  try {
    await once(server, 'listening')
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  }
  server.close()
  await once(server, 'close')
  return undefined
}
