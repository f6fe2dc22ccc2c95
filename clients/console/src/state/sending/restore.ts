import type { Session } from '../session.js'
import type { SendingJobs } from './job.js'
import { keptHandles, readableFile } from './keptFiles.js'
import type { claimsOfTab } from './tabs.js'
import { isSameFile, isUnfinishedOfAny, unfinishedOf } from './unfinished.js'
import { dropAbandoned } from './upload/ciphertexts.js'

type Found = Pick<SendingJobs, 'unfinished' | 'goOn'>

/** Goes on with the uploads that no other tab sends, where the browser may read the file; shows the others. */
export async function restore(session: Session, claims: ReturnType<typeof claimsOfTab>, { unfinished, goOn }: Found) {
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
  await dropAbandoned(isUnfinishedOfAny)
}
