import { useEffect, useState } from 'preact/hooks'
import type { BrokerClient } from '../../../../typescript/src/index.js'
import { organizationNumber } from '../../../../typescript/src/wire/organization.js'
import type { Session } from '../session.js'

/** Null: the register knows no such organisation. */
type Names = Map<string, string | null>

type NameLookup = BrokerClient & {
  getOrganizationNames?(
    numbers: string[],
    options: { signal: AbortSignal },
  ): Promise<{ organization: string; name: string | null }[]>
}

/** How long the user pauses before names are asked for. */
const TYPING_MS = 300
/** Nobody waits longer for names before a file is sent. */
const LONGEST_MS = 8000

const knownBy = new WeakMap<BrokerClient, Names>()

/** The names of organisations, as far as they are known yet, and whether others are being looked up. */
export function useOrganizationNames({ broker, nameOf }: Session, numbers: string[]) {
  const known = knownBy.get(broker) ?? new Map()
  knownBy.set(broker, known)
  const [, setRound] = useState(0)
  const [isLooking, setLooking] = useState(false)
  const missing = numbers.filter((number) => nameOf(number) === undefined && !known.has(number))
  const asked = missing.join(' ')

  useEffect(() => {
    if (asked === '') return
    const stop = new AbortController()
    const { signal } = stop
    const lookUp = async () => {
      const { getOrganizationNames } = broker as NameLookup
      const soon = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)])
      const found = (await getOrganizationNames?.(asked.split(' '), { signal: soon })) ?? []
      for (const { organization, name } of found) known.set(organizationNumber(organization), name)
    }
    setLooking(true)
    const timer = setTimeout(() => {
      // Other Brokers do not have this operation, and the register may be down: then nothing is said.
      const end = () => {
        if (signal.aborted) return
        setLooking(false)
        setRound((last) => last + 1)
      }
      lookUp().then(end, end)
    }, TYPING_MS)
    return () => {
      clearTimeout(timer)
      stop.abort()
      setLooking(false)
    }
  }, [asked, broker, known])

  return {
    isLooking,
    nameOf: (number: string) => nameOf(number) ?? known.get(number) ?? undefined,
    unknown: numbers.filter((number) => nameOf(number) === undefined && known.get(number) === null),
  }
}
