// Longer than 250 lines: what the shell needs from the world is one list.

import type { ByteRange } from '../../domain/byteRange.js'
import type {
  AttemptId,
  Deadline,
  Fact,
  FileTransfer,
  FileTransferId,
  Verdict,
} from '../../domain/fileTransfer/state.js'
import type { NightlyRun } from '../../domain/operating/nightly.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import type { CloudEvent, OwedEvent } from '../../domain/projections/altinnEvents.js'
import type { DeliveryAnswer } from '../../domain/projections/deliveryAnswer.js'
import type { LogEvent } from '../../domain/projections/logEvents.js'
import type { Metric } from '../../domain/projections/metrics.js'
import type { SearchProjection, SearchQuery } from '../../domain/projections/search.js'
import type { StatisticsRow } from '../../domain/projections/statistics.js'
import type { Resource } from '../../domain/resource.js'
import type { ServiceOwner } from '../../domain/serviceOwner.js'

/** Whoever holds the token. `claims` are all that the token says, for the policy; `vendor` is who acts for the organisation. */
export type Caller = {
  organization: OrganizationNumber | undefined
  vendor: OrganizationNumber | undefined
  scopes: string[]
  claims: Record<string, unknown>
}

/** Marks a state as it was read; a commit names the one that it replaces. */
export type Version = string

export type Snapshot = { transfer: FileTransfer; version: Version }

/** One try to change a transfer: its id, and the sequence number of the first fact that it would write. */
export type ChangeMark = { changeId: string; fileTransferId: FileTransferId; first: number }

export type FileTransferStore = {
  read(id: FileTransferId): Promise<Snapshot | undefined>
  /** The state now, and the facts from sequence number `first` on, each with the change that wrote it. All facts when `first` is 1. */
  readFacts(id: FileTransferId, first: number): Promise<{ transfer: FileTransfer; facts: RecordedFact[] } | undefined>
  /** The state now, and the facts with these numbers, which are those of one change; undefined unless all are there. */
  readThese(
    id: FileTransferId,
    sequences: number[],
  ): Promise<{ transfer: FileTransfer; facts: RecordedFact[] } | undefined>
  /** All facts in order, read page by page as they are wanted. */
  facts(id: FileTransferId): AsyncIterable<RecordedFact>
  /** Saves state and facts as one, or nothing. `replaced` undefined: there must be no such transfer yet. 'conflict': another was first. */
  commit(
    next: FileTransfer,
    facts: Fact[],
    changeId: string,
    replaced: Version | undefined,
  ): Promise<Version | 'conflict'>
  /** The change that wrote this fact; undefined when there is none. */
  changeIdAt(id: FileTransferId, sequence: number): Promise<string | undefined>
}

/** Takes away what is no use to anybody: nothing else takes a transfer out of the store. */
export type FileTransferRemoval = {
  /** The transfers of a resource that were created before this time, in no order. For maintenance: it reads all that is stored. */
  ofResource(resourceId: string, createdBefore: Date): AsyncIterable<FileTransferId>
  /** Removes state and facts; 'conflict' when the state is not the one that was read. Without a state it removes what an earlier removal has left. */
  remove(id: FileTransferId, read: Version | undefined): Promise<'removed' | 'conflict'>
}

export type RecordedFact = { sequence: number; changeId: string; fact: Fact }

/** The changes under way: written before a commit, removed when all that follows from it is done. */
export type PendingChanges = {
  add(mark: ChangeMark): Promise<void>
  remove(mark: ChangeMark): Promise<void>
  /** All marks, with the time they were written. */
  all(): AsyncIterable<ChangeMark & { since: Date }>
}

/** A deadline as it waits for its time. It stays until it is removed, and comes back, later each time, as long as it is not. */
export type DueRow = Omit<Deadline, 'at'> & { fileTransferId: FileTransferId; at: Date; tries: number; since: Date }

export type DueDeadlines = {
  add(id: FileTransferId, deadlines: Deadline[]): Promise<void>
  remove(id: FileTransferId, deadlines: Deadline[]): Promise<void>
  /** Those whose time has come, hour by hour, in no order within an hour. */
  until(time: Date): AsyncIterable<DueRow>
  /** Counts one more try and lets the row rest until then. */
  postpone(row: DueRow, notBefore: Date): Promise<void>
}

/** The head of an actor's rows for one transfer, as it was read: undefined when there is none. */
export type SearchHead = { sequence: number; keys: string[]; version: Version } | undefined

/** Where a page of search results ended: results go on after it. */
export type SearchPosition = { at: Date; fileTransferId: FileTransferId }

export type SearchPage = { ids: FileTransferId[]; next: SearchPosition | undefined }

export type SearchIndex = {
  readHead(projection: SearchProjection): Promise<SearchHead>
  /**
   * Moves the actor's rows forward to where the transfer stands now; does nothing when they are already further. Without a head it is read.
   * Of one that stands in no timeline the head stays, so that nothing earlier brings rows back.
   */
  project(projection: SearchProjection, head?: { read: SearchHead }): Promise<void>
  /** Takes the actor's rows for the transfer away; nothing if there are none. */
  remove(projection: SearchProjection): Promise<void>
  /** The next `limit` transfers that the query finds, in its order, each once. */
  search(query: SearchQuery, after: SearchPosition | undefined, limit: number): Promise<SearchPage>
}

/** What is sent to Broker's own queues. */
export type Messages = {
  /** Has the facts of a change told and counted. Nothing, when none of them is. */
  announce(announcement: Announcement): Promise<void>
  checkUpload(message: CheckUploadMessage): Promise<void>
  /** Has these events delivered; not before a time, if one is given. */
  deliver(deliveries: EventDelivery[], at?: Date): Promise<void>
  meetDeadlines(rows: DueRow[]): Promise<void>
  /** Sends a message whose work has failed once more, after a pause, and with the reason. */
  sendAgain(message: WorkMessage, at: Date): Promise<void>
  /** Has an upload finished that is complete by then, if it is not finished already. */
  finishUpload(upload: FinishUploadMessage, at: Date): Promise<void>
  /** Has the search rows of these actors written by whoever takes the message. */
  project(id: FileTransferId, sequence: number): Promise<void>
  /** Has these transfers removed, each by a message of its own, as part of one job. */
  removeFileTransfers(ids: FileTransferId[], jobId: string): Promise<void>
  /** What the virus scanner says, as it came, each event once. */
  handOnScans(events: ScanEvent[]): Promise<void>
}

/** An event of the virus scanner, with all its members. */
export type ScanEvent = { id: string; [member: string]: unknown }
/** What the scanner found at an address. `raw` is all that it said, for the log alone: it names places. */
export type ScanResult = { blobUrl: string; verdict: Verdict; raw?: string }
/** Where work comes from: a queue, or a subscription to the facts. */
export type WorkQueue =
  | 'uploadProcessing'
  | 'eventDelivery'
  | 'malwareScanResults'
  | 'due'
  | 'altinnEvents'
  | 'statistics'

/**
 * A message as it arrived, how often its work has failed by now, and why; `replays`: how often it was a dead letter before. One that is given up
 * is only there to become a dead letter.
 */
export type WorkMessage = {
  queue: WorkQueue
  messageId: string
  body: unknown
  tries: number
  replays?: number | undefined
  reason?: string | undefined
  isGivenUp?: boolean | undefined
}

/** Sequence numbers of facts of one change, in order: those that somebody is told of, and those that are counted. */
export type Announcement = {
  fileTransferId: FileTransferId
  told: number[]
  counted: number[]
  /** What the counted facts add to the statistics; without it they are read. */
  statistics?: StatisticsRow[] | undefined
}
/** When nightly tasks ran, each by its name; and when the tables were restored. */
export type NightlyRuns = {
  /** What is known of a task, and the version it was read at; undefined: it is new. */
  read(task: string): Promise<{ run: NightlyRun; version: Version } | undefined>
  /** Replaces what was read at this version (undefined: nothing). The new version, or 'conflict': another was first. */
  save(task: string, run: NightlyRun, replaced: Version | undefined): Promise<Version | 'conflict'>
}

export type FactPointer = { fileTransferId: FileTransferId; sequence: number }
/** `read`: so much of the file has been read for its MD5, whose state this is. `again`: the number of the look at it, after the first. */
export type CheckUploadMessage = {
  fileTransferId: FileTransferId
  attemptId: AttemptId
  sequence: number
  read?: { bytes: number; md5State: string } | undefined
  again?: number | undefined
}
export type FinishUploadMessage = { fileTransferId: FileTransferId; attemptId: AttemptId }
/**
 * One event for one actor. `delivered`: Altinn Events has it, and only the delivery log does not know yet. `refusals`: how often it was refused for
 * what it is.
 */
export type EventDelivery = {
  id: string
  event: OwedEvent
  delivered?: DeliveryTry | undefined
  refusals?: number | undefined
}
/** The last of so many tries to deliver an event, and what came of it. */
export type DeliveryTry = { tries: number; triedAt: Date; answer: DeliveryAnswer }
/** What came of an event by its last try. */
export type DeliveryRecord = DeliveryTry &
  ({ status: 'Delivered' | 'GivenUp' } | { status: 'Waiting'; nextTryAt: Date })

/** An event that an actor is owed, and what came of it; undefined: it has not been tried. */
export type EventEntry = { id: string; event: OwedEvent; last: DeliveryRecord | undefined }

/** What was tried to deliver the events that actors are owed. */
export type DeliveryLog = {
  read(delivery: EventDelivery): Promise<DeliveryRecord | undefined>
  /** Keeps what came of the last try, unless the event is delivered already. */
  record(delivery: EventDelivery, last: DeliveryRecord): Promise<void>
  /** What was tried for a transfer, or for one organisation that takes part in it, by the ids of the events. */
  ofFileTransfer(id: FileTransferId, organization?: OrganizationNumber): Promise<Map<string, DeliveryRecord>>
  /** Takes away what was tried for a transfer; nothing if there is none. */
  remove(id: FileTransferId): Promise<void>
}

/** What is known of a message that was given up, without its content. */
export type DeadLetter = {
  messageId: string
  enqueuedAt: Date
  reason: string
  tries: number
  fileTransferId: FileTransferId | undefined
}

/** The dead letters of the queues and subscriptions, by the names of these. */
export type DeadLetters = {
  places: readonly string[]
  /** The oldest dead letters, at most so many, which stay where they are. */
  peek(place: string, limit: number): Promise<DeadLetter[]>
  /**
   * Sends the oldest again, at most so many and none that came after `until`, to where they came from and with no try counted; then takes them
   * away. Tells how many, and whether there are no more. One that could not be taken away is sent under the same id when it is sent again.
   */
  replay(place: string, limit: number, until: Date): Promise<{ replayed: number; isEmpty: boolean }>
}

/** Where the file of one attempt lies. */
export type BlobPlace = {
  isScanned: boolean
  serviceOwner: OrganizationNumber
  fileTransferId: FileTransferId
  attemptId: AttemptId
}

/** What the address of a file tells. */
export type AttemptAddress = Omit<BlobPlace, 'isScanned'>

/**
 * A blob as it was listed; without a place it is none of ours, and the address tells people where it lies. `tail`: it is not the file of the attempt
 * but bytes of it that are no block yet, under this name.
 */
export type ListedBlob = {
  place: BlobPlace | undefined
  tail?: string
  address: string
  etag: string
  modifiedAt: Date
}

export type BlobFacts = { sizeBytes: number; md5: string | undefined; etag: string }

/** What became of the bytes. Nothing is stored unless 'stored'; 'interrupted': the sender stopped before the end. */
export type WriteOutcome =
  | { outcome: 'stored'; sizeBytes: number; md5: string; etag: string }
  | { outcome: 'tooLarge' | 'refused' | 'interrupted' }

/** Bytes to be read once. Whoever does not read them to the end closes them. */
export type ByteSource = { bytes: AsyncIterable<Uint8Array>; close: () => void }

export type FileBlobs = {
  /** Makes the places for the files of a service owner; nothing if they are there. */
  provision(serviceOwner: OrganizationNumber): Promise<void>
  /**
   * Stores a stream as it comes, in blocks that suit `maxBytes`, its bound. `expectedBytes` is the length that was declared. `accept` has the
   * last word, when the MD5 is known and before anything is visible.
   */
  write(
    place: BlobPlace,
    body: AsyncIterable<Uint8Array>,
    limits: { maxBytes: number; expectedBytes: number | undefined; accept: (md5: string) => boolean },
  ): Promise<WriteOutcome>
  /** The bytes, of exactly the file with this ETag; undefined when it is not there any more. */
  read(place: BlobPlace, etag: string, range: ByteRange | undefined): Promise<ByteSource | undefined>
  find(place: BlobPlace): Promise<BlobFacts | undefined>
  /** Deletes the blob, or only the one with this ETag; nothing if there is none. */
  remove(place: BlobPlace, etag?: string): Promise<void>
  /** All that is stored for service owners, those of one transfer after each other. It reads every name there is. */
  list(): AsyncIterable<ListedBlob>
  /** The attempt whose file has this address, if it is one of ours in the scanned account. */
  attemptAt(url: string): AttemptAddress | undefined
}

export type ResourceStore = {
  read(id: string): Promise<{ resource: Resource; version: Version } | undefined>
  /** Replaces what was read at `replaced`; undefined: there must be none yet. */
  save(resource: Resource, replaced: Version | undefined): Promise<'saved' | 'conflict'>
}

export type ServiceOwnerStore = {
  read(organization: OrganizationNumber): Promise<ServiceOwner | undefined>
  /** 'exists' when another was first. */
  add(owner: ServiceOwner): Promise<'added' | 'exists'>
  markStorageReady(owner: ServiceOwner, at: Date): Promise<void>
}

/** What an organisation has asked for under a key of its own choice, and the transfer that came of it. */
export type IdempotencyEntry = { fileTransferId: FileTransferId; requestHash: string; at: Date }

export type IdempotencyKeys = {
  /** The entry in force for the key: the given one, or an earlier one that is not older than `expired`. */
  claim(
    organization: OrganizationNumber,
    key: string,
    entry: IdempotencyEntry,
    expired: Date,
  ): Promise<IdempotencyEntry>
  /** Removes the entries that are older; tells how many there were. It reads all that is stored. */
  removeOlder(than: Date): Promise<number>
}

/** What a caller wants to do on a resource: one of these actions. */
export type Access = { actions: ('write' | 'read')[]; resourceId: string; fileTransferId?: FileTransferId }

/** Altinn Authorization: what the caller may do on behalf of a party. */
export type AccessPolicy = {
  /** `isToLook`: nothing is sent or received, so that an answer of some seconds ago will do. */
  isPermitted(caller: Caller, asked: Access & { party: OrganizationNumber; isToLook?: true }): Promise<boolean>
  /** Those of the parties, in their order. A thousand are asked about by some few requests. */
  permittedParties(caller: Caller, asked: Access, parties: OrganizationNumber[]): Promise<OrganizationNumber[]>
}

/** Altinn Resource Registry. */
export type ResourceRegistry = {
  /** Who owns the resource, and whether it has an access list; undefined when it is not registered, or without an owner. */
  find(resourceId: string): Promise<{ owner: OrganizationNumber; hasAccessList: boolean } | undefined>
  /** Whether all of these are on the access list of the resource. */
  areOnAccessList(resourceId: string, parties: OrganizationNumber[]): Promise<boolean>
}

/** Altinn Register, and what is remembered of it. Undefined: Register does not know the organisation. */
export type Parties = { partyId(organization: OrganizationNumber): Promise<string | undefined> }

/** Altinn Events. Tells the HTTP status of its answer; throws when there is none. */
export type EventReceiver = { post(event: CloudEvent): Promise<number> }

/** What may be worth a line to those who run the service. Ids yes, content never. */
export type Log = (event: LogEvent, details?: Record<string, unknown>) => void

/** Adds to a measurement, or tells its newest value. Attributes have few values: no ids. It never fails. */
export type Measure = (metric: Metric, value: number, attributes?: Record<string, string>) => void

/** A step of a trace. `parent` is the W3C trace parent of who asked for it, if that is elsewhere; attributes hold no content. */
export type Step = {
  name: string
  kind: 'server' | 'consumer' | 'client' | 'internal'
  parent?: string | undefined
  attributes?: Record<string, string>
}

/** Does the work as this step. What is called in it, and what goes on behind it, belongs to the same trace. */
export type InSpan = <Value>(step: Step, work: () => Promise<Value>) => Promise<Value>
