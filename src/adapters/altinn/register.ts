import type { TableClient } from '@azure/data-tables'
import { z } from 'zod'
import type { Parties } from '../../usecases/ports.js'
import { readRow } from '../tables/rows.js'
import { jsonOf } from './goodAnswer.js'
import type { Platform } from './platform.js'

const ONLY = 'party'
const lookedUp = z.object({ partyId: z.coerce.string() })

/** Party ids of Altinn Register. They do not change, and are kept in a table once they are known. */
export const altinnParties = (platform: Platform, table: TableClient): Parties => {
  const remembered = new Map<string, string>()
  return {
    async partyId(organization) {
      const known =
        remembered.get(organization) ?? lookedUp.safeParse(await readRow(table, organization, ONLY)).data?.partyId
      const partyId = known ?? (await lookUp(platform, organization))
      if (known === undefined) {
        await table.upsertEntity({ partitionKey: organization, rowKey: ONLY, partyId })
      }
      if (remembered.size >= MOST_REMEMBERED) remembered.clear()
      remembered.set(organization, partyId)
      return partyId
    },
  }
}

const MOST_REMEMBERED = 10_000

async function lookUp(platform: Platform, organization: string): Promise<string> {
  const response = await platform('register/api/v1/parties/lookup', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ orgNo: organization }),
    scope: 'altinn:register/partylookup.admin',
  })
  return lookedUp.parse(await jsonOf(response)).partyId
}
