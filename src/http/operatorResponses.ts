import { z } from 'zod'

// The shapes of answers that are not in the public document.

export const useCaseTestsCleanedUp = z.object({
  resourceId: z.string(),
  fileTransfersFound: z.int().nonnegative(),
  deleteFileTransfersJobId: z.string(),
})

export const message = z.object({ message: z.string() })

/** The answer to Event Grid when it asks whether the webhook is meant; scan results are answered with nothing. */
export const webhookConfirmation = z.object({ validationResponse: z.string() })
