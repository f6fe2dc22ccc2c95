import { deferredWork } from '../../src/adapters/bus/deferredWork.js'
import { storedFact, storedFileTransfer } from '../../src/adapters/tables/fileTransferRow.js'
import { tables } from '../../src/config.js'
import { DEADLINE_KINDS } from '../../src/domain/fileTransfer/state.js'
import type { Samples } from './story.js'

/** Every work queue and subscription. */
export const QUEUES = ['altinnEvents', 'statistics', 'uploadProcessing', 'malwareScanResults', 'due', 'eventDelivery']

/** The values of the property that distinguishes the options of a union. */
function namesOf(union: unknown, by: string): string[] {
  const { options } = union as { options: { shape: Record<string, { options?: string[]; values?: Set<string> }> }[] }
  return options.flatMap(({ shape }) => [...(shape[by]?.options ?? shape[by]?.values ?? [])])
}

/** Kinds of rows and messages that there are, and that have no sample. */
export function missingIn({ tables: rows, messages }: Samples): string[] {
  const all = rows[tables.fileTransfers] ?? []
  const missing = (kind: string, present: unknown[]) => (wanted: string) =>
    present.includes(wanted) ? [] : `${kind} ${wanted}`
  const works = (messages.due ?? []).map(({ body }) => (body as { work: string }).work)
  const states = all.filter(({ rowKey }) => rowKey === 'state').map(({ status }) => status)
  return [
    ...Object.values(tables)
      .filter((name) => name !== tables.outboxBefore020) // no longer written
      .flatMap(
        missing(
          'table',
          Object.keys(rows).filter((name) => rows[name]?.length),
        ),
      ),
    ...QUEUES.flatMap(
      missing(
        'queue',
        Object.keys(messages).filter((name) => messages[name]?.length),
      ),
    ),
    ...namesOf(storedFact, 'type').flatMap(
      missing(
        'fact',
        all.map(({ type }) => type),
      ),
    ),
    ...namesOf(storedFileTransfer, 'status').flatMap(missing('status', states)),
    ...DEADLINE_KINDS.flatMap(
      missing(
        'deadline',
        (rows[tables.due] ?? []).map(({ kind }) => kind),
      ),
    ),
    ...namesOf(deferredWork, 'work').flatMap(missing('work', works)),
    ...(all.some(({ rowKey }) => String(rowKey).startsWith('tus-')) ? [] : ['tus-']),
    ...(all.some(({ json0 }) => String(json0).includes('"searchPartition":')) ? [] : ['searchPartition']),
    ...(all.some(({ json0 }) => String(json0).includes('"group":')) ? [] : ['group']),
    ...(all.some(({ json0 }) => String(json0).includes('"encryption":')) ? [] : ['encryption']),
    ...((rows[tables.resources] ?? []).some(({ json0 }) => String(json0).includes('"searchPartitions":'))
      ? []
      : ['searchPartitions']),
  ]
}
