import type {
  OwnerActivity,
  OwnerDeadLetters,
  OwnerResources,
  OwnerStatistics,
  ReplayedDeadLetters,
} from '../wire/types.js'
import { API, type Call, type Http } from './http.js'

type CallOptions = Pick<Call, 'signal'>

/** A month of statistics as a CSV file. */
export type MonthlyStatistics = { year: number; month: number; resourceId?: string | undefined }

/** The operations of service owners about what happens on their resources. */
export function ownerOperationsOn(http: Http) {
  const at = (path: string) => `${API}/serviceowner/${path}`
  return {
    /** The last days by status, the time to publish, and what is late. */
    getOwnerActivity: (options: CallOptions = {}) => http.json<OwnerActivity>(at('activity'), options),

    /** The last months, and the largest parties of this one. */
    getOwnerStatistics: (options: CallOptions = {}) => http.json<OwnerStatistics>(at('statistics'), options),

    /** The resources of the service owner who calls, and their settings. */
    listOwnerResources: (options: CallOptions = {}) => http.json<OwnerResources>(at('resources'), options),

    /** The messages about its file transfers that Broker has given up. */
    listOwnerDeadLetters: (options: CallOptions = {}) => http.json<OwnerDeadLetters>(at('dead-letters'), options),

    /** Sends some of these messages again. A repeat finds none. */
    replayOwnerDeadLetters: (messageIds: string[], { signal }: CallOptions = {}) =>
      http.json<ReplayedDeadLetters>(at('replay-dead-letters'), { method: 'POST', json: { messageIds }, signal }),

    /** The statistics of a month, as CSV. */
    async getMonthlyStatistics(asked: MonthlyStatistics, { signal }: CallOptions = {}): Promise<string> {
      const { year, month, resourceId } = asked
      const query = { year: String(year), month: String(month), ...(resourceId && { resourceId }) }
      return (await http.request(`${API}/statistics/monthly`, { query, signal })).text()
    },
  }
}
