import { organizationNumber } from '../../../../typescript/src/wire/organization.js'
import type { Session } from '../session.js'

/** The names of organisations by their nine digits. */
export type Names = {
  /** Undefined until it is loaded, and where Altinn Register knows none. */
  of(number: string): string | undefined
  /** Whether Altinn Register has answered that it does not know the organisation. */
  isUnknown(number: string): boolean
  /** Requests each name once, together with the others of the moment. Without names the numbers are shown alone. */
  load(numbers: string[]): Promise<void>
  /** Calls the listener when more of them are loaded, until the returned function is called. */
  subscribe(listener: () => void): () => void
}

const namesBySession = new Map<string, Names>()

/** The same object for the same session. */
export function namesOf(session: Session): Names {
  const names = namesBySession.get(session.id) ?? namesAt(session)
  namesBySession.set(session.id, names)
  return names
}

function namesAt({ broker, nameOf }: Session): Names {
  /** Null: Altinn Register does not know it. */
  const loaded = new Map<string, string | null>()
  const listeners = new Set<() => void>()
  const requested = new Map<string, Promise<void>>()
  let next: { numbers: string[]; request: Promise<void> } | undefined

  const request = async (numbers: string[]) => {
    try {
      const found = await broker.getOrganizationNames(numbers)
      for (const { organization, name } of found) loaded.set(organizationNumber(organization), name)
      for (const listener of listeners) listener()
    } catch {
      for (const number of numbers) requested.delete(number)
    }
  }
  /** The names of one moment are one call. */
  const requestTogether = (number: string) => {
    if (!next) {
      const numbers: string[] = []
      const send = () => {
        next = undefined
        return request(numbers)
      }
      next = { numbers, request: Promise.resolve().then(send) }
    }
    next.numbers.push(number)
    requested.set(number, next.request)
  }

  return {
    of: (number) => nameOf(number) ?? loaded.get(number) ?? undefined,
    isUnknown: (number) => nameOf(number) === undefined && loaded.get(number) === null,
    async load(numbers) {
      for (const number of numbers) {
        const isNeeded = /^\d{9}$/.test(number) && nameOf(number) === undefined
        if (isNeeded && !requested.has(number)) requestTogether(number)
      }
      await Promise.all(numbers.map((number) => requested.get(number)))
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
