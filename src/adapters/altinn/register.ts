import { LRUCache } from 'lru-cache'
import pMap from 'p-map'
import { z } from 'zod'
import { isPermanentFailure } from '../../domain/projections/deliveryResult.js'
import { upTo } from '../../lib/upTo.js'
import type { Names, Parties } from '../../usecases/ports/events.js'
import type { Table } from '../tableService/table.js'
import { readRow } from '../tables/rows.js'
import type { Platform } from './platform.js'
import { jsonOf } from './upstreamResponse.js'

const ONLY = 'party'
const MAX_CACHED = 10_000
/** An organisation that Register does not know is looked up again no sooner, whatever is sent to it. */
const UNKNOWN_FOR_MS = 4 * 3_600_000

/** A name may change. */
const NAMED_FOR_MS = 24 * 3_600_000
/** For one caller. */
const NAMES_AT_A_TIME = 10

const party = z.object({ partyId: z.coerce.string() })
const named = party.extend({ name: z.string().nullish() })
const stored = z.union([party, z.object({ unknownAt: z.date() })])

/** What Register knows. A party id does not change; that there is none holds for some hours. */
type Answer = { partyId: string } | { unknownAt: Date }

/**
 * Party ids of Altinn Register, kept in a table and cached in the process, as are organisations that Register does not
 * know. Concurrent questions about an organisation are one question.
 */
export const altinnParties = (platform: Platform, table: Table, now: () => Date): Parties => {
  const remainingMs = ({ unknownAt }: { unknownAt: Date }) => unknownAt.getTime() + UNKNOWN_FOR_MS - now().getTime()

  async function find(organization: string): Promise<Answer> {
    const row = stored.safeParse(await readRow(table, organization, ONLY)).data
    if (row && ('partyId' in row || remainingMs(row) > 0)) return row
    const found = await lookUp(platform, organization)
    const answer = found ? { partyId: found.partyId } : { unknownAt: now() }
    await table.upsertEntity({ partitionKey: organization, rowKey: ONLY, ...answer }, 'Replace')
    return answer
  }

  const answers = new LRUCache<string, Answer>({
    ...upTo(MAX_CACHED),
    ttlResolution: 0,
    perf: { now: () => now().getTime() },
    async fetchMethod(organization, _, { options }) {
      const answer = await find(organization)
      if ('unknownAt' in answer) options.ttl = Math.max(1, remainingMs(answer))
      return answer
    },
  })

  return {
    async partyId(organization) {
      const answer = await answers.forceFetch(organization)
      return 'partyId' in answer ? answer.partyId : undefined
    },
  }
}

/** Names of Altinn Register, cached in the process. Concurrent questions about an organisation are one question. */
export const altinnNames = (platform: Platform, now: () => Date): Names => {
  const names = new LRUCache<string, { name: string | undefined }>({
    ...upTo(MAX_CACHED),
    ttl: NAMED_FOR_MS,
    ttlResolution: 0,
    perf: { now: () => now().getTime() },
    async fetchMethod(organization, _, { options }) {
      const found = await lookUp(platform, organization)
      if (!found) options.ttl = UNKNOWN_FOR_MS
      return { name: found?.name ?? undefined }
    },
  })

  return {
    // The first failure ends it: while Register is down no more than a few of a caller's questions wait for it.
    namesOf: (organizations) =>
      pMap(organizations, async (each) => (await names.forceFetch(each)).name, { concurrency: NAMES_AT_A_TIME }),
  }
}

/** The answer of Register itself; undefined: it does not know the organisation. */
async function lookUp(platform: Platform, organization: string): Promise<z.infer<typeof named> | undefined> {
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
  return named.parse(await jsonOf(response))
}
