import { type Sending, webResumeStore } from '../../../../typescript/src/index.js'
import { isPermanent } from '../../format/problemWords.js'
import { type Observable, observable } from '../observable.js'
import type { Session } from '../session.js'
import { paceOf } from './pace.js'
import { storeUnfinished, unfinishedOf } from './unfinished.js'

/** The upload of a file. It continues while the user is on other pages. */
export type Job = {
  file: File
  sending: Sending
  /** `checking`: Broker has all bytes, but has not published them yet. */
  state: 'sending' | 'paused' | 'checking' | 'sent' | 'failed'
  sentBytes: number
  bytesPerSecond: number | undefined
  fileTransferId: string | undefined
  error?: unknown
}

export type SendingJobs = {
  /** The current upload of the session's organisation: one file at a time. */
  current: Observable<Job | undefined>
  /** Sends a file. An earlier try for the same file is resumed; `from` is its progress. */
  start(file: File, sending: Sending, from?: Pick<Job, 'sentBytes' | 'fileTransferId'>): void
  pause(): void
  resume(): void
  /** Cancels a file transfer; its id is undefined before it is initialized. @throws when Broker refuses. */
  cancel(id: string | undefined): Promise<void>
  /** Removes the current upload from view. */
  dismiss(): void
}

const MIB = 2 ** 20
const resume = webResumeStore(localStorage)

/** Some fifty chunks, so that progress is visible and a pause loses little. */
const chunkBytesOf = (sizeBytes: number) => Math.min(Math.max(Math.ceil(sizeBytes / 50 / MIB), 1), 16) * MIB

const jobsBySession = new Map<string, SendingJobs>()

/** The same object for the same session. */
export function sendingJobsOf(session: Session): SendingJobs {
  const jobs = jobsBySession.get(session.id) ?? sendingJobs(session)
  jobsBySession.set(session.id, jobs)
  return jobs
}

function sendingJobs(session: Session): SendingJobs {
  const { broker } = session
  const current = observable<Job | undefined>(undefined)
  let stopping = new AbortController()

  const update = (part: Partial<Job>) => {
    const job = current.get()
    if (job) current.set({ ...job, ...part })
  }
  const store = ({ file, sending, sentBytes, fileTransferId }: Job) =>
    storeUnfinished(session, {
      fileName: file.name,
      sizeBytes: file.size,
      lastModified: file.lastModified,
      sending,
      sentBytes,
      fileTransferId,
    })

  const run = async ({ file, sending }: Job) => {
    stopping = new AbortController()
    const { signal } = stopping
    const pace = paceOf()
    const onProgress = ({ fileTransferId, sentBytes }: { fileTransferId: string; sentBytes: number }) => {
      if (signal.aborted) return
      const bytesPerSecond = pace.bytesPerSecond(performance.now(), sentBytes)
      update({ fileTransferId, sentBytes, bytesPerSecond, state: sentBytes === file.size ? 'checking' : 'sending' })
      const job = current.get()
      if (job) store(job)
    }
    try {
      const options = { resume, onProgress, signal, oneShotBytes: MIB, chunkBytes: chunkBytesOf(file.size) }
      const { fileTransferId } = await broker.send(file, sending, options)
      storeUnfinished(session, undefined)
      update({ state: 'sent', sentBytes: file.size, fileTransferId })
    } catch (error) {
      if (signal.aborted) return
      if (isPermanent(error)) storeUnfinished(session, undefined)
      update({ state: 'failed', error })
    }
  }

  const pause = () => {
    stopping.abort()
    update({ state: 'paused', bytesPerSecond: undefined })
  }

  return {
    current,
    start(file, sending, from = { sentBytes: 0, fileTransferId: undefined }) {
      const job: Job = { ...from, file, sending, state: 'sending', bytesPerSecond: undefined }
      current.set(job)
      store(job)
      void run(job)
    },
    pause,
    resume() {
      update({ state: 'sending', error: undefined })
      const job = current.get()
      if (job) void run(job)
    },
    async cancel(id) {
      const isSentHere = current.get()?.fileTransferId === id
      if (isSentHere) pause()
      if (id) await broker.cancelFileTransfer(id)
      if (isSentHere) current.set(undefined)
      if (unfinishedOf(session)?.fileTransferId === id) storeUnfinished(session, undefined)
    },
    dismiss: () => current.set(undefined),
  }
}
