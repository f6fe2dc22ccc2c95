import { createHash } from 'node:crypto'
import type { ResumeStore } from '../../upload/resume.js'
import type { Chosen } from './files.js'

/** A file that was sent. */
export type SentFile = {
  fileTransferId: string
  status: string
  fileName: string
  sizeBytes: number
  md5?: string | undefined
}

/**
 * What several files have become, kept until all of them are sent: the same command sends none of them twice. `request`
 * is what the command sends them by. Of a single file nothing is kept.
 */
export async function batchOf(store: ResumeStore, files: Chosen[], request: unknown) {
  const paths = files.map(({ path }) => path)
  const key = `batch-${createHash('md5')
    .update(JSON.stringify([paths, request]))
    .digest('hex')}`
  const isKept = files.length > 1
  let saved = Promise.resolve()
  const sent = new Map<string, SentFile>(isKept ? JSON.parse((await store.get(key)) ?? '[]') : [])
  return {
    /** What an earlier try has made of the file, unless it has changed since. */
    earlier: ({ source }: Chosen) => sent.get(source.identity ?? ''),
    async add({ source }: Chosen, file: SentFile): Promise<void> {
      if (!isKept || source.identity === undefined) return
      sent.set(source.identity, file)
      saved = saved.then(() => store.set(key, JSON.stringify([...sent])))
      await saved
    },
    forget: () => store.delete(key),
  }
}
