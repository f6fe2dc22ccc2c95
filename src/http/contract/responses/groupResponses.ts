import { z } from 'zod'
import { fileTransferSummary } from './responses.js'
import { id, party } from './values.js'

/** The ids of a group that has been begun, and of its file transfers. */
export const fileTransferGroupCreated = z.object({
  fileTransferGroupId: id,
  fileTransferIds: z.array(id).describe('In the order of the files of the request. Upload each file to its own.'),
})

/** A group as it is now. */
export const fileTransferGroupOverview = z.object({
  fileTransferGroupId: id,
  resourceId: z.string().describe('Without urn:altinn:resource:.'),
  sendersFileTransferReference: z.string(),
  sender: party,
  fileCount: z.int().positive().describe('How many files the sender has announced.'),
  fileTransfers: z.array(fileTransferSummary).describe('In the order of the files, without those that are removed.'),
})
export type FileTransferGroupOverview = z.infer<typeof fileTransferGroupOverview>
