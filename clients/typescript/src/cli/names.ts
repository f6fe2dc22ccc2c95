import type { BrokerClient } from '../client.js'
import { organizationNumber } from '../wire/organization.js'

/** An organisation for people: its name and number, or its number alone. */
export type Naming = (party: string) => string

/** More are shown by their number: the names of a hundred are one call. */
const MAX_NAMES = 100

/**
 * The names of these organisations. They are shown, and nothing depends on them: there is none where Broker or Register
 * gives none.
 */
export async function namingOf(broker: BrokerClient, parties: string[], signal: AbortSignal): Promise<Naming> {
  const asked = [...new Set(parties)].slice(0, MAX_NAMES)
  const found = await broker.getOrganizationNames(asked, { signal }).catch(() => [])
  signal.throwIfAborted()
  const names = new Map(found.map(({ organization, name }) => [organizationNumber(organization), name]))
  return (party) => {
    const number = organizationNumber(party)
    const name = names.get(number)
    return name ? `${name} (${number})` : number
  }
}
