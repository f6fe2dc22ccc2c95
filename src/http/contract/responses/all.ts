// The shapes that are named in the OpenAPI document.
export { announcedFile } from '../requests/groupRequests.js'
export * from './encryptionResponses.js'
export * from './groupResponses.js'
export * from './inboxResponses.js'
export * from './ownerResponses.js'
export * from './receiptResponses.js'
export * from './responses.js'
export * from './serviceOwnerResponses.js'
