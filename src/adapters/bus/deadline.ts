import { z } from 'zod'
import { DEADLINE_KINDS } from '../../domain/fileTransfer/state.js'
import type { Messages } from '../../usecases/ports/messages.js'
import type { DueRow } from '../../usecases/ports/outbox.js'
import { time } from '../schemas.js'
import { jsonMessage, repeatedId, type Send } from './send.js'

const dueRow: z.ZodType<DueRow> = z.object({
  fileTransferId: z.guid(),
  kind: z.enum(DEADLINE_KINDS),
  sequence: z.int(),
  at: time,
  tries: z.int(),
  since: time,
})

/** A deadline to be applied. */
export const deadline = z.object({ work: z.literal('meetDeadline'), row: dueRow })

/** With the time: tries to commit a change may leave rows that differ in their time alone. */
export const deadlineId = ({ fileTransferId, kind, sequence, at, tries }: DueRow): string =>
  repeatedId(`${fileTransferId}-${kind}-${sequence}-${at.getTime()}`, tries)

/** Enqueues due deadlines, a message for each. */
export const enqueueDeadlines =
  (send: Send): Messages['enqueueDeadlines'] =>
  (rows) =>
    send(
      'due',
      rows.map((row) => jsonMessage(deadlineId(row), { work: 'meetDeadline', row })),
    )
