import { useCallback, useEffect, useMemo, useState } from 'preact/hooks'
import {
  actAs,
  actingIn,
  type Connection,
  connectedSession,
  type LocalWorld,
  localSession,
  localWorld,
  type Session,
  storeConnection,
  storedConnection,
} from './session.js'

/** The session, and how to change it. */
export type Sessions = {
  /** Undefined until there is a connection to Broker. */
  session: Session | undefined
  isLoading: boolean
  error: unknown
  isLocal: boolean
  load(): void
  actAs(organization: string): void
  connect(connection: Connection): void
  disconnect(): void
}

export function useSessions(): Sessions {
  const [world, setWorld] = useState<LocalWorld>()
  const [acting, setActing] = useState('')
  const [connection, setConnection] = useState<Connection>()
  const [isLoading, setLoading] = useState(true)
  const [error, setError] = useState<unknown>()

  const load = useCallback(() => {
    setLoading(true)
    setError(undefined)
    localWorld()
      .then((found) => {
        setWorld(found)
        if (found) setActing(actingIn(found))
        else setConnection(storedConnection())
      })
      .catch(setError)
      .finally(() => setLoading(false))
  }, [])
  useEffect(load, [load])

  const session = useMemo(() => {
    if (world) return localSession(world, acting)
    return connection && connectedSession(connection)
  }, [world, acting, connection])
  const setAndStore = (next: Connection | undefined) => {
    storeConnection(next)
    setConnection(next)
  }
  return {
    session,
    isLoading,
    error,
    load,
    isLocal: world !== undefined,
    actAs(organization) {
      actAs(organization)
      setActing(organization)
    },
    connect: setAndStore,
    disconnect: () => setAndStore(undefined),
  }
}
