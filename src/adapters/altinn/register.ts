import type { TableClient } from '@azure/data-tables'
import { z } from 'zod'
import { isPermanentFailure } from '../../domain/projections/deliveryResult.js'
import { remembered } from '../../lib/cache.js'
import type { Parties } from '../../usecases/ports/events.js'
import { readRow } from '../tables/rows.js'
import type { Platform } from './platform.js'
import { jsonOf } from './upstreamResponse.js'

const ONLY = 'party'
const MOST_REMEMBERED = 10_000
/** An organisation that Register does not know is asked about again no sooner, whatever is sent to it. */
const UNKNOWN_FOR_MS = 4 * 3_600_000

const lookedUp = z.object({ partyId: z.coerce.string() })
const stored = z.union([lookedUp, z.object({ unknownAt: z.date() })])

/** A party id does not change. That there is none is good for some hours. `until` is a time in milliseconds. */
type Answer = { partyId: string | undefined; until: number }

/**
 * Party ids of Altinn Register, kept in a table and in the process once they are known; so are organisations that Register does not know. Concurrent
 * questions about an organisation are one question.
 */
export const altinnParties = (platform: Platform, table: TableClient, now: () => Date): Parties => {
  const known = remembered<Answer>(MOST_REMEMBERED)
  const underWay = new Map<string, Promise<Answer>>()
  const unknownUntil = (since: Date) => since.getTime() + UNKNOWN_FOR_MS

  async function find(organization: string): Promise<Answer> {
    const row = stored.safeParse(await readRow(table, organization, ONLY)).data
    if (row && 'partyId' in row) return { partyId: row.partyId, until: Number.POSITIVE_INFINITY }
    if (row && unknownUntil(row.unknownAt) > now().getTime()) {
      return { partyId: undefined, until: unknownUntil(row.unknownAt) }
    }
    const partyId = await lookUp(platform, organization)
    const unknownAt = now()
    const answer = partyId === undefined ? { unknownAt } : { partyId }
    await table.upsertEntity({ partitionKey: organization, rowKey: ONLY, ...answer }, 'Replace')
    return { partyId, until: partyId === undefined ? unknownUntil(unknownAt) : Number.POSITIVE_INFINITY }
  }

  return {
    async partyId(organization) {
      const answer = known.get(organization, now().getTime())
      if (answer) return answer.partyId
      const finding = underWay.get(organization) ?? find(organization).finally(() => underWay.delete(organization))
      underWay.set(organization, finding)
      const found = await finding
      known.keep(organization, found, found.until)
      return found.partyId
    },
  }
}

/** The party id; undefined when Register has no such party. */
async function lookUp(platform: Platform, organization: string): Promise<string | undefined> {
  const response = await platform('register/api/v1/parties/lookup', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ orgNo: organization }),
    scope: 'altinn:register/partylookup.admin',
  })
  // 404 for most; 400 for what is no organisation number by its control digit.
  if (response.status === 204 || isPermanentFailure(response.status)) {
    await response.body?.cancel()
    return undefined
  }
  return lookedUp.parse(await jsonOf(response)).partyId
}
