import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Company, User } from './records.ts'

export type Session = { user: User; company: Company; reload: () => Promise<void> }

export const SessionContext = createContext<Session | null>(null)

export function useSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new Error('outside of a session')
  return session
}
