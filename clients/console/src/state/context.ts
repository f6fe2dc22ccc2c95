import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { nb, type Texts } from '../texts/nb.js'
import type { Session } from './session.js'

/** The words of the chosen language. */
export const TextsContext = createContext<Texts>(nb)
export const useTexts = () => useContext(TextsContext)

/** Tells screen readers what has changed, when they have time for it. */
export const AnnounceContext = createContext<(text: string) => void>(() => {})
export const useAnnounce = () => useContext(AnnounceContext)

export const SessionContext = createContext<Session | undefined>(undefined)

/** Who acts. @throws outside of a session, which is a bug. */
export function useSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new Error('Nobody acts here.')
  return session
}
