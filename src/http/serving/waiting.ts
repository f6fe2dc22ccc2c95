import type { z } from 'zod'
import { type statusWait, USUAL_SECONDS } from '../contract/requests/waitQueries.js'

/** The wait that a query asks for; undefined: none. */
export const statusWaitOf = (
  { waitFor, timeout = USUAL_SECONDS }: z.output<typeof statusWait>,
  ending: () => AbortSignal,
) => waitFor && { status: waitFor, seconds: timeout, ending: ending() }

/** Seconds until a caller that could not wait should ask again. */
const ASK_AGAIN_SECONDS = '5'

/** Tells a caller that was answered without a wait not to ask again immediately. */
export const didNotWait = ({ isRefused }: { isRefused: boolean }): Record<string, string> =>
  isRefused ? { 'retry-after': ASK_AGAIN_SECONDS } : {}
