import { BrokerProblem } from '../../../../typescript/src/calls/problem.js'
import { isTransient } from '../../../../typescript/src/calls/retry.js'
import type { BrokerClient } from '../../../../typescript/src/index.js'
import type { AwaitChange } from '../polling/poll.js'

const LONGEST_WAIT_SECONDS = 60

/** Waits for news in the inbox. A Broker that has no such operation is asked once. */
export function awaitNews(broker: Pick<BrokerClient, 'listInboxChanges'>): AwaitChange {
  let cursor: string | undefined
  let isKnown = true
  return async (ms, signal) => {
    if (!isKnown) return false
    const timeout = Math.min(LONGEST_WAIT_SECONDS, Math.max(1, Math.floor(ms / 1000)))
    try {
      // Whatever is in it before is in the list already.
      cursor ??= (await broker.listInboxChanges({ after: 'latest', signal })).cursor
      const { changes, ...news } = await broker.listInboxChanges({ after: cursor, timeout, signal })
      cursor = news.cursor
      return changes.length > 0
    } catch (error) {
      if (error instanceof BrokerProblem && error.status === 410) cursor = undefined
      else if (error instanceof BrokerProblem && !isTransient(error)) isKnown = false
      return false
    }
  }
}
