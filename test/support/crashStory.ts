import { randomUUID } from 'node:crypto'
import { cancel } from '../../src/domain/fileTransfer/cancel.js'
import { applyDeadline, deadlinesWithRow } from '../../src/domain/fileTransfer/deadlines.js'
import { confirmDownload, startDownload } from '../../src/domain/fileTransfer/download.js'
import { evolveAll } from '../../src/domain/fileTransfer/evolve.js'
import { type InitializeRequest, initialize } from '../../src/domain/fileTransfer/initialize.js'
import { recordVerdict } from '../../src/domain/fileTransfer/processing.js'
import type { Decision, Fact, FileTransfer, Verdict } from '../../src/domain/fileTransfer/state.js'
import { attemptsInUse, recipientsOf } from '../../src/domain/fileTransfer/state.js'
import { completeUpload, startUpload } from '../../src/domain/fileTransfer/upload.js'
import type { OrganizationNumber } from '../../src/domain/organizationNumber.js'
import type { Problem } from '../../src/domain/problems.js'
import { activityOf } from '../../src/domain/projections/activity.js'
import { eventsToPublish } from '../../src/domain/projections/altinnEvents.js'
import { searchProjections } from '../../src/domain/projections/search.js'
import { ok } from '../../src/domain/result.js'
import { blobLocation } from '../../src/usecases/commit/blobLocation.js'
import { eventIdOf } from '../../src/usecases/commit/eventIds.js'
import type { World } from './crashStack.js'
import { bytesOf } from './memoryBroker.js'

/** What every prepared file holds, and its MD5. */
export const CONTENT = 'hello'
export const CONTENT_MD5 = '5d41402abc4b2a76b9719d911017c592'

export const requestOf = (
  { resource, sender, kari }: World,
  label: string,
  asked: Partial<InitializeRequest> = {},
): InitializeRequest => ({
  fileName: 'bilag.pdf',
  resourceId: resource.id,
  sendersFileTransferReference: label,
  sender,
  recipients: [kari],
  propertyList: {},
  checksum: null,
  disableVirusScan: true,
  ...asked,
})

type Told = Partial<InitializeRequest> & { secondsAgo?: number }

/**
 * A transfer as it has come so far, put into the stores with few calls: what the core decides, all at one time. What
 * happened to it is taken for told and done, unless `store` is asked to leave that.
 */
export function story(world: World, label: string, { secondsAgo = 0, ...asked }: Told = {}) {
  const at = world.later(-secondsAgo)
  const known = {
    resource: { ...world.resource, ...(asked.reminders && { reminders: asked.reminders }) },
    owner: { organization: world.owner, name: 'Eier', storageReadyAt: at },
    ...{ isRegistered: true, isOutsideAccessList: false, isProduction: false },
  }
  const begun = initialize(requestOf(world, label, asked), known, { id: randomUUID(), at, vendor: undefined })
  if (!begun.ok) throw new Error(JSON.stringify(begun.reason))
  let { transfer } = begun.value
  const facts: Fact[] = [...begun.value.facts]
  const attemptId = randomUUID()
  const changeId = randomUUID()
  let etag = ''
  let isStored = false

  const then = <P extends Problem>(decide: (transfer: FileTransfer) => Decision<P>) => {
    const decision = decide(transfer)
    if (!decision.ok) throw new Error(decision.reason)
    transfer = evolveAll(transfer, decision.value)
    facts.push(...decision.value)
  }
  const write = async () => {
    const limits = { maxBytes: 100, expectedBytes: undefined, accept: () => true }
    const written = await world.stores.blobs.write(blobLocation(transfer, attemptId), bytesOf(CONTENT), limits)
    if (written.outcome !== 'stored') throw new Error(written.outcome)
    isStored = true
    etag = written.etag
    return written
  }

  const told = {
    attemptId,
    changeId,
    transfer: () => transfer,
    uploading() {
      then((now) => startUpload(now, { id: attemptId, vendor: undefined }, world.deadlines, at))
      return told
    },
    async uploaded() {
      told.uploading()
      const { sizeBytes, md5, etag } = await write()
      then((now) => completeUpload(now, { attemptId, sizeBytes, md5, etag }, world.deadlines, at))
      return told
    },
    /** The file of parts that were joined: it has to be read for its MD5. */
    async unread() {
      told.uploading()
      const { sizeBytes, etag } = await write()
      then((now) => completeUpload(now, { attemptId, sizeBytes, etag }, world.deadlines, at))
      return told
    },
    /** The scanner has found nothing. */
    judgedClean() {
      then((now) => recordVerdict(now, attemptId, { result: 'Clean', etag, detail: '' }, at))
      return told
    },
    /** The bytes are there, and nobody has said so yet. */
    async written() {
      told.uploading()
      await write()
      return told
    },
    /** Expired, which it was allowed to at the time. */
    purged() {
      const expire = { kind: 'expire' as const, sequence: 1 }
      then((now) => ok(applyDeadline(now, expire, world.retention, now.expirationTime).facts))
      isStored = false
      return told
    },
    /** Called off, while the file is still there. */
    cancelled() {
      then((now) => cancel(now, at))
      isStored = false
      return told
    },
    downloaded(recipient: OrganizationNumber) {
      then((now) => startDownload(now, { recipient, vendor: undefined }, false, at))
      return told
    },
    confirmed(recipient: OrganizationNumber) {
      then((now) => confirmDownload(now, { recipient, vendor: undefined }, 7200, at))
      return told
    },
    /**
     * `untold`: the last facts, of which nothing has been told; `isRecorded`: but the inboxes of their recipients and the
     * view of the service owner have them; `isHidden`: the searches do not show it.
     */
    async store({ untold = 0, isRecorded = false, isHidden = false } = {}): Promise<string> {
      const { stores } = world
      await stores.transfers.commit(transfer, facts, changeId, undefined)
      await stores.due.replace(transfer.id, [], deadlinesWithRow(transfer.deadlines, world.clock.now))
      if (!isHidden) {
        const projections = searchProjections(transfer, recipientsOf(transfer))
        await Promise.all(projections.map((each) => stores.searchIndex.project(each, { replaced: undefined })))
      }
      const known = transfer.sequence - untold
      world.told.set(transfer.id, known)
      const last = isRecorded ? facts.slice(known) : []
      const row = activityOf(transfer, last)
      if (row) await stores.activity.record(row)
      const events = last.flatMap((fact, index) => eventsToPublish(transfer, fact, known + index + 1))
      for (const event of events) {
        const { type, fileTransferId, resourceId, at, actor } = event
        const entry = { eventId: eventIdOf(event), type, fileTransferId, resourceId, at }
        if (actor.role === 'Recipient') await stores.inbox.append(actor.organization, [entry], at)
      }
      if (isStored && attemptsInUse(transfer).length === 0) throw new Error('This story leaves a file behind.')
      return transfer.id
    },
  }
  return told
}

export type Story = ReturnType<typeof story>

/** What Defender for Storage says of the file of this attempt. */
export async function scanEvent(world: World, transfer: FileTransfer, attemptId: string, result: Verdict['result']) {
  const blobUri = `${world.clients.scanned.url}/serviceowner-${world.owner}/${transfer.id}/${attemptId}`
  const found = await world.stores.blobs.find(blobLocation(transfer, attemptId))
  const scanResultType = result === 'Clean' ? 'No threats found' : 'Malicious'
  return {
    id: randomUUID(),
    eventType: 'Microsoft.Security.MalwareScanningResult',
    data: { blobUri, eTag: found?.etag ?? '', scanResultType },
  }
}
