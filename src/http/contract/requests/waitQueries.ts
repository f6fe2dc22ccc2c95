import { z } from 'zod'
import { fileTransferStatus } from '../responses/responses.js'
import { oneOf, wholeNumberTo } from './queries.js'

/** The longest wait, in seconds: far below the 230 s after which Azure's front end gives up. */
const LONGEST_SECONDS = 60
/** The wait that no `timeout` is given for. */
export const USUAL_SECONDS = 30

/** The seconds of a wait. */
export const waitSeconds = wholeNumberTo(LONGEST_SECONDS, 'timeout')

/** What a caller waits for, and how long. */
export const statusWait = z
  .object({
    waitFor: oneOf(fileTransferStatus.options)
      .describe('Answers as soon as the file transfer has this status or can no longer come to it.')
      .optional(),
    timeout: waitSeconds
      .describe(
        `How long to wait at most, in seconds: ${USUAL_SECONDS} unless given. After that the answer is how it stands.`,
      )
      .optional(),
  })
  .refine(({ waitFor, timeout }) => timeout === undefined || waitFor !== undefined, {
    path: ['timeout'],
    message: 'timeout goes with waitFor.',
  })
