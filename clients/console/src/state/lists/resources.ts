import type { Session } from '../session.js'

const keyOf = ({ brokerUrl, organization }: Session) => `console-resources:${brokerUrl}:${organization}`

/** The resources that the console knows: those of the local stack, else those typed in this tab for the organisation. */
export function knownResources(session: Session): string[] {
  return session.resources.length > 0 ? session.resources.map(({ id }) => id) : typedResources(session)
}

export function storeTypedResource(session: Session, id: string): void {
  sessionStorage.setItem(keyOf(session), JSON.stringify([...new Set([id, ...typedResources(session)])]))
}

const typedResources = (session: Session): string[] => JSON.parse(sessionStorage.getItem(keyOf(session)) ?? '[]')
