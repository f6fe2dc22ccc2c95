// The public API of the package, and its only file of re-exports.

export type { Change, ChangesOptions } from './calls/changes.js'
export type { ClientOptions } from './calls/http.js'
export type { CallOptions, InboxQuery, StatusWait } from './calls/operations.js'
export type { MonthlyStatistics } from './calls/ownerOperations.js'
export {
  BrokenConnection,
  BrokerProblem,
  TokenRefused,
  TransferEnded,
  UnexpectedResponse,
  WrongBytes,
} from './calls/problem.js'
export type { RetryPolicy as Patience } from './calls/retry.js'
export {
  ALTINN,
  altinnToken,
  cachedToken,
  claimsOf,
  type Exchange,
  organizationIn,
  staticToken,
  type TokenProvider,
} from './calls/tokens.js'
export type { FileTransferEvent, WatchOptions } from './calls/watch.js'
export { type BrokerClient, brokerClient } from './client.js'
export { type Decryption, decryptingSink } from './download/decryptingSink.js'
export {
  type BlobSink,
  blobSink,
  type Received,
  type ReceiveOptions,
  type ReceiveProgress,
  type Sink,
} from './download/receive.js'
export { streamSink } from './download/streamSink.js'
export {
  blobCiphertextStore,
  type CiphertextStore,
  type WebFolder,
  webCiphertextStore,
} from './encryption/ciphertextStore.js'
export { decryptedName, type Encryption, type EncryptionProgress } from './encryption/encrypt.js'
export { KeysRefused, NotDecrypted } from './encryption/errors.js'
export { newPrivateKey, privateKeysIn, publicKeyOf } from './encryption/keys.js'
export { ReceiptRefused, receiptKeysIn, verifyReceipt } from './receipts/verify.js'
export { memoryResumeStore, type ResumeStore, type WebStorage, webResumeStore } from './upload/resume.js'
export type { Sending } from './upload/send.js'
export type { SendOptions, SendProgress, Sent } from './upload/sendFile.js'
export { type GroupSending, NotAllSent, type SendGroupOptions, type SentGroup } from './upload/sendGroup.js'
export { blobSource, type Source } from './upload/source.js'
export type { UploadOptions } from './upload/upload.js'
export type * from './wire/types.js'
