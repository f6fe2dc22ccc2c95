import { z } from 'zod'
import { dotNetDuration, reminders } from './values.js'

// The shapes of answers to service owners (spec 7.2, 8.2).

/** A resource as it is configured; null: not configured. */
export const resourceConfiguration = z.object({
  maxFileTransferSize: z.int().nonnegative().nullable().describe('In bytes.'),
  fileTransferTimeToLive: dotNetDuration.nullable(),
  purgeFileTransferAfterAllRecipientsConfirmed: z.boolean(),
  purgeFileTransferGracePeriod: dotNetDuration.nullable(),
  useManifestFileShim: z.boolean().nullable(),
  externalServiceCodeLegacy: z.string().nullable(),
  externalServiceEditionCodeLegacy: z.int().nullable(),
  requiredParty: z.string().nullable(),
  reminders: reminders.exactOptional().describe('ISO 8601 durations; absent when there are none.'),
  fileTransferMaxTimeToLive: dotNetDuration
    .exactOptional()
    .describe('Until when after its creation a sender can move the expiry of a file transfer; absent: not configured.'),
})
export type ResourceConfiguration = z.infer<typeof resourceConfiguration>

/** A place for the files of a service owner. */
export const storageProvider = z.object({
  type: z.enum(['AltinnAzure', 'AltinnAzureWithoutVirusScan']),
  deploymentStatus: z.enum(['NotStarted', 'DeployingResources', 'Ready']),
  deploymentEnvironment: z.string(),
})

/** A service owner, and where its files are stored. */
export const serviceOwnerOverview = z.object({
  name: z.string(),
  storageProviders: z.array(storageProvider).describe('Newest first; empty until storage is ready.'),
})
export type ServiceOwnerOverview = z.infer<typeof serviceOwnerOverview>
