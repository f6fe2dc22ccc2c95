import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { nb, type Texts } from '../texts/nb.js'
import type { Session } from './session.js'

/** The texts in the chosen language. */
export const TextsContext = createContext<Texts>(nb)
export const useTexts = () => useContext(TextsContext)

/** Announces a change to screen readers, politely. */
export const AnnounceContext = createContext<(text: string) => void>(() => {})
export const useAnnounce = () => useContext(AnnounceContext)

export const SessionContext = createContext<Session | undefined>(undefined)

/** The session. @throws outside of one, which is a bug. */
export function useSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new Error('There is no session here.')
  return session
}
