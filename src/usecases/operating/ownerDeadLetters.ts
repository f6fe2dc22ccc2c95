import { authorFields, authorOf } from '../../domain/author.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import { ok } from '../../domain/result.js'
import { cachedAnswers } from '../../lib/expiringCache.js'
import type { Caller } from '../ports/access.js'
import type { OwnedDeadLetter } from '../ports/activity.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'
import type { DeadLetter, DeadLetters } from '../ports/operating.js'
import type { ServiceOwnerStore } from '../ports/resources.js'
import type { Log } from '../ports/telemetry.js'
import { getServiceOwner } from './serviceOwners.js'
import { transferOwners } from './transferOwners.js'

type Deps = {
  deadLetters: DeadLetters
  transfers: FileTransferReader
  serviceOwners: ServiceOwnerStore
  log: Log
  now: () => Date
}

/** How many dead letters of each queue are looked at, from the oldest on. */
const LOOKED_AT = 500
const CACHED_MS = 15_000

type Found = { letters: (OwnedDeadLetter & { serviceOwner: OrganizationNumber })[]; isCapped: boolean; countedAt: Date }

/**
 * The dead letters about transfers of the calling service owner, and how some of them are sent again. The owner of each
 * is found by its transfer; one that names no transfer is an operator's alone.
 */
export function ownerDeadLetters({ deadLetters, transfers, serviceOwners, log, now }: Deps) {
  const ownersOf = transferOwners({ transfers, now })
  const answers = cachedAnswers<Found>(CACHED_MS, now, 1)
  const ownerIs = getServiceOwner({ serviceOwners })

  async function look(): Promise<Found> {
    const countedAt = now()
    const lists = await Promise.all(
      deadLetters.entities.map(async (queue) => ({ queue, letters: await deadLetters.peek(queue, LOOKED_AT) })),
    )
    const named = lists.flatMap(({ queue, letters }) =>
      letters.flatMap(({ fileTransferId, ...letter }) =>
        fileTransferId ? [{ ...letter, queue, fileTransferId }] : [],
      ),
    )
    const owners = await ownersOf(named.map(({ fileTransferId }) => fileTransferId))
    const letters = named.flatMap((letter) => {
      const owner = owners.get(letter.fileTransferId)
      return owner ? [{ ...letter, ...owner }] : []
    })
    return { letters, isCapped: lists.some((each) => each.letters.length >= LOOKED_AT), countedAt }
  }

  const ownOf = ({ letters }: Found, organization: OrganizationNumber) =>
    letters.filter(({ serviceOwner }) => serviceOwner === organization)

  return {
    list: async (caller: Caller) => {
      const owner = await ownerIs(caller)
      if (!owner.ok) return owner
      const found = await answers.of('all', look)
      return ok({ ...found, letters: ownOf(found, owner.value.organization) })
    },

    /** Sends those of the caller's dead letters again that have these ids; returns how many. A repeat finds none. */
    replay: async (caller: Caller, messageIds: string[]) => {
      const owner = await ownerIs(caller)
      if (!owner.ok) return owner
      const begun = now()
      const wanted = new Set(messageIds)
      const own = ownOf(await look(), owner.value.organization).filter(({ messageId }) => wanted.has(messageId))
      const ownTransfers = new Set<string | undefined>(own.map(({ fileTransferId }) => fileTransferId))
      const isWanted = ({ messageId, fileTransferId }: DeadLetter) =>
        wanted.has(messageId) && ownTransfers.has(fileTransferId)
      let replayed = 0
      for (const queue of new Set(own.map((letter) => letter.queue))) {
        const done = await deadLetters.replay(queue, LOOKED_AT, begun, isWanted)
        replayed += done.replayed
        log('deadLetters.replayed', { queue, count: done.replayed, ...authorFields(authorOf(caller)) })
      }
      answers.clear()
      return ok({ replayed })
    },
  }
}
