import { type Sending, webResumeStore } from '../../../typescript/src/index.js'
import { isForGood } from '../format/problemWords.js'
import { type Observable, observable } from './observable.js'
import { paceOf } from './pace.js'
import type { Session } from './session.js'
import { keepUnfinished, unfinishedOf } from './unfinished.js'

/** A file that is being sent, or has been. It goes on while the user looks at other pages. */
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
  /** What the organisation of the session sends just now; one file at a time. */
  current: Observable<Job | undefined>
  /** Sends; goes on where an earlier try for the same file was broken off, which is known to have come `from` there. */
  start(file: File, sending: Sending, from?: Pick<Job, 'sentBytes' | 'fileTransferId'>): void
  pause(): void
  resume(): void
  /** Gives up a file transfer, here and at Broker. What was not announced yet has no id. @throws what Broker says against it. */
  cancel(id: string | undefined): Promise<void>
  /** Makes room for another. */
  dismiss(): void
}

const MIB = 2 ** 20
const resume = webResumeStore(localStorage)

/** Some fifty steps, so that progress is seen and a pause loses little. */
const chunkBytesOf = (sizeBytes: number) => Math.min(Math.max(Math.ceil(sizeBytes / 50 / MIB), 1), 16) * MIB

const known = new Map<string, SendingJobs>()

/** The same for the same session, whoever asks. */
export function sendingJobsOf(session: Session): SendingJobs {
  const jobs = known.get(session.id) ?? sendingJobs(session)
  known.set(session.id, jobs)
  return jobs
}

function sendingJobs(session: Session): SendingJobs {
  const { broker } = session
  const current = observable<Job | undefined>(undefined)
  let stopping = new AbortController()

  const put = (part: Partial<Job>) => {
    const job = current.get()
    if (job) current.set({ ...job, ...part })
  }
  const remember = ({ file, sending, sentBytes, fileTransferId }: Job) =>
    keepUnfinished(session, {
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
      put({ fileTransferId, sentBytes, bytesPerSecond, state: sentBytes === file.size ? 'checking' : 'sending' })
      const job = current.get()
      if (job) remember(job)
    }
    try {
      const options = { resume, onProgress, signal, oneShotBytes: MIB, chunkBytes: chunkBytesOf(file.size) }
      const { fileTransferId } = await broker.send(file, sending, options)
      keepUnfinished(session, undefined)
      put({ state: 'sent', sentBytes: file.size, fileTransferId })
    } catch (error) {
      if (signal.aborted) return
      if (isForGood(error)) keepUnfinished(session, undefined)
      put({ state: 'failed', error })
    }
  }

  const pause = () => {
    stopping.abort()
    put({ state: 'paused', bytesPerSecond: undefined })
  }

  return {
    current,
    start(file, sending, from = { sentBytes: 0, fileTransferId: undefined }) {
      const job: Job = { ...from, file, sending, state: 'sending', bytesPerSecond: undefined }
      current.set(job)
      remember(job)
      void run(job)
    },
    pause,
    resume() {
      put({ state: 'sending', error: undefined })
      const job = current.get()
      if (job) void run(job)
    },
    async cancel(id) {
      const isSentHere = current.get()?.fileTransferId === id
      if (isSentHere) pause()
      if (id) await broker.cancelFileTransfer(id)
      if (isSentHere) current.set(undefined)
      if (unfinishedOf(session)?.fileTransferId === id) keepUnfinished(session, undefined)
    },
    dismiss: () => current.set(undefined),
  }
}
