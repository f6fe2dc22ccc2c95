import { withRetry } from '../../../../typescript/src/calls/retry.js'
import { BrokenConnection, blobSource } from '../../../../typescript/src/index.js'
import { isPermanent } from '../../format/problemWords.js'
import { observable } from '../observable.js'
import type { Session } from '../session.js'
import { groupsOf } from './groups.js'
import type { Job, Refusal, SendingJobs } from './job.js'
import { keepFiles, keptHandles, readableFile } from './keptFiles.js'
import { isTooLarge, lacksAccess } from './refusal.js'
import { claimsOfTab } from './tabs.js'
import {
  forgetUnfinished,
  isSameFile,
  isUnfinished,
  storeUnfinished,
  type Unfinished,
  unfinishedOf,
} from './unfinished.js'
import { md5InWorker } from './upload/md5.js'
import { retryNow, waitToRetry } from './upload/network.js'
import { paceOf } from './upload/pace.js'
import { throwIfEnded } from './upload/throwIfEnded.js'
import { keptStorage, uploadOptionsOf } from './upload/uploadOptions.js'

/** Shorter waits, such as for another request of the same upload, are not shown. */
const LONG_WAIT_MS = 2000

const jobsBySession = new Map<string, SendingJobs>()

/** The same object for the same session. */
export function sendingJobsOf(session: Session): SendingJobs {
  const jobs = jobsBySession.get(session.id) ?? sendingJobs(session)
  jobsBySession.set(session.id, jobs)
  return jobs
}

const isRunning = ({ state }: Job) => state === 'queued' || state === 'sending'

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
    for (const id of ids) claims.release(id)
    all.set(all.get().filter(({ id }) => !ids.includes(id)))
  }
  const forget = (id: string) => {
    forgetUnfinished(session, id)
    void keepFiles(id, [])
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
    const onProgress = ({ fileTransferId, sentBytes }: { fileTransferId: string; sentBytes: number }) => {
      if (signal.aborted) return
      const bytesPerSecond = pace.bytesPerSecond(performance.now(), sentBytes)
      const hasAll = sentBytes === file.size && sentBytes > 0
      const state = hasAll ? 'checking' : 'sending'
      update(id, { fileTransferId, sentBytes, bytesPerSecond, waitsAfter: undefined, state })
      store({ ...(find(id) ?? job), fileTransferId, sentBytes })
      if (isFirst) storeForm(job)
      isFirst = false
      if (hasAll) startNext()
    }
    const patience = {
      tries: Number.POSITIVE_INFINITY,
      firstMs: 500,
      longestMs: 30_000,
      wait: (delayMs: number, error: unknown, waits?: AbortSignal) => {
        const isLong = error instanceof BrokenConnection || delayMs >= LONG_WAIT_MS
        if (isLong) update(id, { waitsAfter: error, bytesPerSecond: undefined })
        return waitToRetry(delayMs, error, waits)
      },
      onRecovered: () => {
        pace = paceOf()
        update(id, { waitsAfter: undefined })
        retryNow()
      },
    }
    try {
      if (job.fileTransferId) await throwIfEnded(broker, job.fileTransferId, patience, signal)
      else if (job.group) {
        await withRetry(() => initializeGroup(job, signal), patience, signal)
        storeForm(job)
      }
      const source = { ...blobSource(file), md5: (stop?: AbortSignal) => md5InWorker(file, stop) }
      const options = uploadOptionsOf(find(id) ?? job)
      const sent = await broker.send(source, sending, { ...options, onProgress, signal, patience })
      forget(id)
      const { fileTransferId, expirationTime } = sent
      update(id, { state: 'sent', waitsAfter: undefined, sentBytes: file.size, fileTransferId, expirationTime })
    } catch (error) {
      if (!signal.aborted) await failed(id, error)
    }
    startNext()
  }

  const failed = async (id: string, error: unknown) => {
    const job = find(id)
    if (!job) return
    // A noted one stays in the queue: its form is accepted, and empty by now.
    if (!isUnfinished(session, id) && job.fileTransferId === undefined && isPermanent(error)) {
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
    if (next && !all.get().some(({ state }) => state === 'sending')) void run(next.id)
  }

  const add = (jobs: Omit<Job, 'state' | 'waitsAfter' | 'bytesPerSecond'>[]) => {
    for (const { id } of jobs) claims.hold(id)
    const queued = { state: 'queued', waitsAfter: undefined, bytesPerSecond: undefined } as const
    all.set([...all.get(), ...jobs.map((each) => ({ ...each, ...queued }))])
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

  const restore = async () => {
    for (const note of unfinishedOf(session)) {
      if (!(await claims.holdIfFree(note.id))) continue
      const [handle] = await keptHandles(note.id)
      const file = handle && (await readableFile(handle))
      if (file && isSameFile(file, note)) {
        goOn(note, { file, handle })
        continue
      }
      claims.release(note.id)
      unfinished.set([...unfinished.get(), { note, handle }])
    }
  }
  void restore()

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
