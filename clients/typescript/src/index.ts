// What the package gives: the one place where names are exported again.

export { type BrokerClient, brokerClient } from './client.js'
export type { ClientOptions } from './http.js'
export type { CallOptions } from './operations.js'
export type { Patience } from './patience.js'
export { BrokenConnection, BrokerProblem, TokenRefused, TransferEnded, WrongBytes } from './problem.js'
export { blobSink, type Received, type ReceiveOptions, type ReceiveProgress, type Sink } from './receive.js'
export { memoryResumeStore, type ResumeStore, type WebStorage, webResumeStore } from './resume.js'
export type { Sending, SendOptions, SendProgress, Sent } from './send.js'
export { blobSource, type Source } from './source.js'
export {
  ALTINN,
  altinnToken,
  cachedToken,
  claimsOf,
  type Exchange,
  organizationIn,
  staticToken,
  type TokenProvider,
} from './tokens.js'
export type { WatchOptions } from './watch.js'
export type * from './wire.js'
