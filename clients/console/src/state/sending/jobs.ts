import { withRetry } from '../../../../typescript/src/calls/retry.js'
import { publicKeysFor } from '../../../../typescript/src/encryption/encrypt.js'
import { blobSource, KeysRefused, type SendProgress } from '../../../../typescript/src/index.js'
import { isSent } from '../../../../typescript/src/wire/statuses.js'
import { isPermanent } from '../../format/problemWords.js'
import { observable } from '../observable.js'
import type { Session } from '../session.js'
import { groupsOf } from './groups.js'
import type { Job, Refusal, SendingJobs } from './job.js'
import { keepFiles } from './keptFiles.js'
import { isTooLarge, lacksAccess } from './refusal.js'
import { restore } from './restore.js'
import { claimsOfTab } from './tabs.js'
import { forgetUnfinished, isUnfinished, storeUnfinished, type Unfinished, unfinishedOf } from './unfinished.js'
import { dropCiphertexts } from './upload/ciphertexts.js'
import { encryptionOf } from './upload/encryptionOf.js'
import { md5InWorker } from './upload/md5.js'
import { paceOf } from './upload/pace.js'
import { patienceOf } from './upload/patience.js'
import { throwIfEnded } from './upload/throwIfEnded.js'
import { keptStorage, uploadOptionsOf } from './upload/uploadOptions.js'

const jobsBySession = new Map<string, SendingJobs>()

/** The same object for the same session. */
export function sendingJobsOf(session: Session): SendingJobs {
  const jobs = jobsBySession.get(session.id) ?? sendingJobs(session)
  jobsBySession.set(session.id, jobs)
  return jobs
}

const isBusy = ({ state }: Job) => state === 'encrypting' || state === 'sending'
const isRunning = (job: Job) => job.state === 'queued' || isBusy(job)

addEventListener('beforeunload', (event) => {
  if ([...jobsBySession.values()].some(({ all }) => all.get().some(isRunning))) event.preventDefault()
})

function sendingJobs(session: Session): SendingJobs {
  const { broker } = session
  const all = observable<Job[]>([])
  const refusal = observable<Refusal | undefined>(undefined)
  const unfinished: SendingJobs['unfinished'] = observable([])
  const running = new Map<string, AbortController>()
  const handles = new Map<string, FileSystemFileHandle | undefined>()
  const claims = claimsOfTab()
  const groups = groupsOf(broker, session.brokerUrl, keptStorage)

  const find = (id: string) => all.get().find((each) => each.id === id)
  const update = (id: string, part: Partial<Job>) =>
    all.set(all.get().map((each) => (each.id === id ? { ...each, ...part } : each)))
  const remove = (ids: string[]) => {
    for (const id of ids) {
      claims.release(id)
      if (!isUnfinished(session, id)) void dropCiphertexts(id)
    }
    all.set(all.get().filter(({ id }) => !ids.includes(id)))
  }
  const forget = (id: string) => {
    forgetUnfinished(session, id)
    void keepFiles(id, [])
    void dropCiphertexts(id)
  }

  const store = ({ id, file, sending, sentBytes, fileTransferId, group, at }: Job) => {
    const { name: fileName, size: sizeBytes, lastModified } = file
    storeUnfinished(session, { id, fileName, sizeBytes, lastModified, sending, sentBytes, fileTransferId, group, at })
  }
  /** The others of the same form are as acceptable: they are resumed after a reload, too. */
  const storeForm = ({ sending }: Job) => {
    const ofForm = all.get().filter((job) => job.sending === sending)
    for (const job of ofForm) if (job.state !== 'sent' && job.state !== 'failed') store(job)
  }
  /** Gives all files of a form their file transfers. */
  const initializeGroup = async ({ sending }: Job, signal?: AbortSignal) => {
    const ofForm = (job: Job) => job.sending === sending
    const { id, transfers } = await groups.initialize(sending, all.get().filter(ofForm), signal)
    const withTransfer = (job: Job) => ({ ...job, group: { id }, fileTransferId: transfers.get(job.id) })
    all.set(all.get().map((job) => (ofForm(job) ? withTransfer(job) : job)))
  }

  const run = async (id: string) => {
    const job = find(id)
    if (!job) return
    const { file, sending } = job
    const stopping = new AbortController()
    const { signal } = stopping
    running.set(id, stopping)
    claims.hold(id)
    update(id, { state: 'sending', error: undefined })
    let pace = paceOf()
    let isFirst = true
    const onProgress = ({ fileTransferId, sentBytes, totalBytes }: SendProgress) => {
      if (signal.aborted) return
      const bytesPerSecond = pace.bytesPerSecond(performance.now(), sentBytes)
      const hasAll = sentBytes === totalBytes && sentBytes > 0
      const state = hasAll ? 'checking' : 'sending'
      update(id, { fileTransferId, sentBytes, totalBytes, bytesPerSecond, waitsAfter: undefined, state })
      store({ ...(find(id) ?? job), fileTransferId, sentBytes })
      if (isFirst) storeForm(job)
      isFirst = false
      if (hasAll) startNext()
    }
    const patience = patienceOf(
      (error) => update(id, { waitsAfter: error, bytesPerSecond: undefined }),
      () => {
        pace = paceOf()
        update(id, { waitsAfter: undefined })
      },
    )
    try {
      const encrypt = await encryptionOf(job, signal, (part) => update(id, part))
      const earlier = job.fileTransferId && (await throwIfEnded(broker, job.fileTransferId, patience, signal))
      if (!earlier && job.group) {
        if (encrypt) await withRetry(() => publicKeysFor(broker, sending, {}, signal), patience, signal)
        await withRetry(() => initializeGroup(job, signal), patience, signal)
        storeForm(job)
      }
      const source = { ...blobSource(file), md5: (stop?: AbortSignal) => md5InWorker(file, stop) }
      const options = uploadOptionsOf(find(id) ?? job)
      // What would be encrypted again is not what Broker has.
      const sent =
        earlier && encrypt && isSent(earlier)
          ? await broker.waitFor(earlier.fileTransferId, 'Published', { signal })
          : await broker.send(source, sending, { ...options, onProgress, signal, patience, encrypt })
      forget(id)
      const { fileTransferId, expirationTime } = sent
      update(id, { state: 'sent', waitsAfter: undefined, fileTransferId, expirationTime })
    } catch (error) {
      if (!signal.aborted) await failed(id, error)
    }
    startNext()
  }

  const failed = async (id: string, error: unknown) => {
    const job = find(id)
    if (!job) return
    const isRefused = isPermanent(error) || error instanceof KeysRefused
    // A noted one stays in the queue: its form is accepted, and empty by now.
    if (!isUnfinished(session, id) && job.fileTransferId === undefined && isRefused) {
      // The others of the same form would be refused for the same reason.
      const same = all.get().filter((each) => each.sending === job.sending && each.fileTransferId === undefined)
      refusal.set({ files: same.map(({ id: own, file }) => ({ file, handle: handles.get(own) })), error })
      for (const each of same) forget(each.id)
      return remove(same.map((each) => each.id))
    }
    update(id, { state: 'failed', waitsAfter: undefined, error })
    claims.release(id)
    if (isPermanent(error) && !lacksAccess(error)) forget(id)
    if (job.fileTransferId && isTooLarge(error)) {
      await broker.cancelFileTransfer(job.fileTransferId).catch(() => undefined)
    }
  }

  const startNext = () => {
    const next = all.get().find(({ state }) => state === 'queued')
    if (next && !all.get().some(isBusy)) void run(next.id)
  }

  type New = Omit<Job, 'state' | 'waitsAfter' | 'bytesPerSecond' | 'totalBytes' | 'encryptedBytes'>
  const add = (jobs: New[]) => {
    for (const { id } of jobs) claims.hold(id)
    const queued = { state: 'queued', waitsAfter: undefined, bytesPerSecond: undefined, encryptedBytes: 0 } as const
    all.set([...all.get(), ...jobs.map((each) => ({ ...each, ...queued, totalBytes: each.file.size }))])
    startNext()
  }
  const goOn: SendingJobs['goOn'] = ({ id, sending, sentBytes, fileTransferId, group, at }, { file, handle }) => {
    unfinished.set(unfinished.get().filter(({ note }) => note.id !== id))
    handles.set(id, handle)
    void keepFiles(id, [{ file, handle }])
    add([{ id, file, sending, sentBytes, fileTransferId, group, at }])
  }
  const stop = (id: string) => {
    running.get(id)?.abort()
    update(id, { state: 'paused', waitsAfter: undefined, bytesPerSecond: undefined })
    startNext()
  }
  const drop = ({ id }: Unfinished) => {
    forget(id)
    unfinished.set(unfinished.get().filter(({ note }) => note.id !== id))
  }
  const cancel = async (id: string) => {
    const job = find(id)
    if (!job) return
    if (running.has(id)) stop(id)
    // Broker may have its file transfer: the others of the group would wait for it.
    if (!job.fileTransferId && groups.hasBegun(job.sending)) await initializeGroup(job)
    const { fileTransferId } = find(id) ?? job
    if (fileTransferId) await broker.cancelFileTransfer(fileTransferId)
    remove([id])
    forget(id)
    startNext()
  }

  void restore(session, claims, { unfinished, goOn })

  return {
    all,
    refusal,
    unfinished,
    start(files, sending, isGroup) {
      refusal.set(undefined)
      const jobs = files.map(({ file, handle }, index) => {
        const id = crypto.randomUUID()
        handles.set(id, handle)
        void keepFiles(id, [{ file, handle }])
        const group = isGroup ? { id: undefined } : undefined
        return { id, file, sending, sentBytes: 0, fileTransferId: undefined, group, at: Date.now() + index }
      })
      add(jobs)
    },
    goOn,
    pause: stop,
    resume(id) {
      update(id, { state: 'queued', error: undefined })
      startNext()
    },
    cancel,
    async cancelTransfer(fileTransferId) {
      const own = all.get().find((each) => each.fileTransferId === fileTransferId)
      if (own) return cancel(own.id)
      await broker.cancelFileTransfer(fileTransferId)
      for (const note of unfinishedOf(session)) if (note.fileTransferId === fileTransferId) drop(note)
    },
    async discard(note) {
      // It may have ended meanwhile: then there is nothing to cancel.
      const cancelling = note.fileTransferId && broker.cancelFileTransfer(note.fileTransferId)
      await Promise.resolve(cancelling).catch((error: unknown) => {
        if (!isPermanent(error) || lacksAccess(error)) throw error
      })
      drop(note)
    },
    dismiss: (id) => remove([id]),
    dismissSent: () => remove(all.get().flatMap(({ id, state }) => (state === 'sent' ? [id] : []))),
  }
}
