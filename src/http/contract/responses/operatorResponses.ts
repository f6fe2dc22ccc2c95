import { z } from 'zod'

// The shapes of answers that are not in the public document.

/** How many transfers of the use-case tests are to be removed, and the job that removes them. */
export const useCaseTestsCleanedUp = z.object({
  resourceId: z.string(),
  fileTransfersFound: z.int().nonnegative(),
  deleteFileTransfersJobId: z.string(),
})

/** The oldest dead letters, without their content, by where they are. */
export const deadLetterLists = z.array(
  z.object({
    queue: z.string().describe('A queue, or a topic and its subscription.'),
    deadLetters: z.array(
      z.object({
        messageId: z.string(),
        enqueued: z.iso.datetime(),
        reason: z.string(),
        tries: z.int().nonnegative(),
        fileTransferId: z.guid().nullable(),
      }),
    ),
  }),
)

/** How many dead letters were sent again. */
export const replayedDeadLetters = z.object({
  queues: z.array(z.object({ queue: z.string(), replayed: z.int().nonnegative() })),
  moreLeft: z.boolean().describe('There was more than one call does: call again.'),
})

/** The daily report that was stored, and what it counts (spec 9.2). */
export const dailySummaryReport = z.object({
  filePath: z.string(),
  fileHash: z.string().describe('MD5, in base64.'),
  fileSizeBytes: z.int().nonnegative(),
  serviceOwnerCount: z.int().nonnegative(),
  totalFileTransferCount: z.int().nonnegative(),
  generatedAt: z.iso.datetime(),
  environment: z.string(),
  altinn2Included: z.literal(false),
})

export const message = z.object({ message: z.string() })

/** The answer to Event Grid when it asks whether the webhook is meant; scan results are answered with nothing. */
export const webhookConfirmation = z.object({ validationResponse: z.string() })
