import { useCallback, useEffect, useMemo, useState } from 'preact/hooks'
import {
  actAs,
  actingIn,
  type Connection,
  connectedSession,
  keepConnection,
  keptConnection,
  type LocalWorld,
  localSession,
  localWorld,
  type Session,
} from './session.js'

/** Who acts, and how to become another. */
export type Sessions = {
  /** Undefined until the page knows Broker. */
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
        else setConnection(keptConnection())
      })
      .catch(setError)
      .finally(() => setLoading(false))
  }, [])
  useEffect(load, [load])

  const session = useMemo(() => {
    if (world) return localSession(world, acting)
    return connection && connectedSession(connection)
  }, [world, acting, connection])
  const become = (next: Connection | undefined) => {
    keepConnection(next)
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
    connect: become,
    disconnect: () => become(undefined),
  }
}
