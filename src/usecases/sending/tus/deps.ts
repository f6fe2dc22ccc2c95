import type { DeadlineSettings } from '../../../domain/fileTransfer/upload.js'
import type { ChangePorts } from '../../commit/change.js'
import type { AccessPolicy } from '../../ports/access.js'
import type { ResourceStore } from '../../ports/resources.js'
import type { Hashing } from '../../ports/tus.js'

/** What the TUS operations need. */
export type TusDeps = ChangePorts & {
  access: AccessPolicy
  resources: ResourceStore
  hashing: Hashing
  deadlines: DeadlineSettings
  /** A request that declares at most so many bytes counts whole or not at all. */
  wholePatchBytes: number
}
