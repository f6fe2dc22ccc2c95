import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
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
 * What several files have become, kept until all of them are sent: the same command sends none of them twice, also when
 * there are more in a folder by then. `names` are its arguments, and `request` is what it sends them by. Of a single
 * file nothing is kept.
 */
export async function batchOf(store: ResumeStore, names: string[], files: Chosen[], request: unknown) {
  const paths = names.map((name) => resolve(name))
  const key = `batch-${createHash('md5')
    .update(JSON.stringify([paths, request]))
    .digest('hex')}`
  const isKept = files.length > 1
  let saved = Promise.resolve()
  const sent = new Map<string, SentFile>(JSON.parse((await store.get(key)) ?? '[]'))
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
