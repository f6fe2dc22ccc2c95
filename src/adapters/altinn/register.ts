import type { TableClient } from '@azure/data-tables'
import { z } from 'zod'
import type { Parties } from '../../usecases/ports.js'
import { readRow } from '../tables/rows.js'
import { jsonOf } from './goodAnswer.js'
import type { Platform } from './platform.js'

const ONLY = 'party'
const lookedUp = z.object({ partyId: z.coerce.string() })

/** Party ids of Altinn Register. They do not change, and are kept in a table once they are known. Who asks while another does is given the same answer. */
export const altinnParties = (platform: Platform, table: TableClient): Parties => {
  const remembered = new Map<string, Promise<string>>()

  async function find(organization: string): Promise<string> {
    const known = lookedUp.safeParse(await readRow(table, organization, ONLY)).data?.partyId
    if (known !== undefined) return known
    const partyId = await lookUp(platform, organization)
    await table.upsertEntity({ partitionKey: organization, rowKey: ONLY, partyId })
    return partyId
  }

  return {
    partyId(organization) {
      const known = remembered.get(organization)
      if (known) return known
      const found = find(organization)
      if (remembered.size >= MOST_REMEMBERED) remembered.clear()
      remembered.set(organization, found)
      found.catch(() => remembered.delete(organization))
      return found
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
