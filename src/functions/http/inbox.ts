import { app } from '@azure/functions'
import { broker, serve } from '../../app.js'
import { ok } from '../../domain/result.js'
import { contract } from '../../http/contract/contract.js'
import { cursorText } from '../../http/contract/inboxRows.js'
import { didNotWait } from '../../http/serving/waiting.js'

app.http(
  'listInboxChanges',
  serve(contract.listInboxChanges, async ({ caller, query, ending }) => {
    const { after: cursor, limit, timeout: seconds } = query
    const found = await broker.listInboxChanges(caller, { cursor, limit, seconds, ending: ending() })
    if (!found.ok) return found
    const { changes, hasMore } = found.value
    const json = {
      changes: changes.map(({ eventId, type, fileTransferId, resourceId, at }) => ({
        eventId,
        type: `no.altinn.broker.${type}` as const,
        fileTransferId,
        resourceId,
        occurred: at.toISOString(),
      })),
      cursor: cursorText(found.value.cursor),
      hasMore,
    }
    return ok({ json, headers: didNotWait(found.value) })
  }),
)
