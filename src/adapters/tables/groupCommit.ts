import { isOutage } from '../../domain/outage.js'
import type { Action } from '../tableService/operations.js'
import type { Table } from '../tableService/table.js'
import { MAX_ACTIONS } from './rows.js'

/**
 * Writes rows of one partition (at most `MAX_ACTIONS`, no row twice, none over 40 KB) as one, or nothing.
 *
 * Group commit: writes to a partition that come while another one is under way are sent as one transaction after it,
 * in their order; a write that comes alone is sent at once, or, when nobody waits for it (`canWait`), with the next one
 * that comes within `LONGEST_WAIT_MS`. A transaction that the table refuses is sent write by write, so that each has its
 * own answer. The promise is that of the own rows.
 */
export type GroupCommit = (actions: Action[], options?: { canWait: boolean }) => Promise<void>

type Write = { actions: Action[]; resolve: () => void; reject: (error: unknown) => void }
type Queue = { writes: Write[]; isSending: boolean; timer?: NodeJS.Timeout | undefined }

const LONGEST_WAIT_MS = 20

/** The group commit of a table; one for each table in a process. */
export function groupCommit(table: Table): GroupCommit {
  const queues = new Map<string, Queue>()

  return (actions, { canWait } = { canWait: false }) => {
    const partition = actions[0]?.[1].partitionKey
    if (partition === undefined) return Promise.resolve()
    const queue = queues.get(partition) ?? { writes: [], isSending: false }
    queues.set(partition, queue)
    return new Promise((resolve, reject) => {
      queue.writes.push({ actions, resolve, reject })
      if (queue.isSending) return
      if (!canWait) void sendAll(partition, queue)
      else queue.timer ??= setTimeout(() => void sendAll(partition, queue), LONGEST_WAIT_MS)
    })
  }

  async function sendAll(partition: string, queue: Queue) {
    clearTimeout(queue.timer)
    queue.isSending = true
    while (queue.writes.length > 0) await sendGroup(table, firstGroup(queue.writes))
    queues.delete(partition)
  }
}

/** Takes from the queue what fits into one transaction. */
function firstGroup(writes: Write[]): Write[] {
  const rows = new Set<string>()
  let count = 0
  const end = writes.findIndex(({ actions }) => {
    count += actions.length
    for (const [, { rowKey }] of actions) rows.add(rowKey)
    return count > MAX_ACTIONS || rows.size < count
  })
  return writes.splice(0, end === -1 ? writes.length : Math.max(1, end))
}

async function sendGroup(table: Table, group: Write[]): Promise<void> {
  try {
    await table.submitTransaction(group.flatMap(({ actions }) => actions))
    for (const { resolve } of group) resolve()
  } catch (error) {
    if (group.length > 1 && !isOutage(error)) for (const each of group) await sendGroup(table, [each])
    else for (const { reject } of group) reject(error)
  }
}
