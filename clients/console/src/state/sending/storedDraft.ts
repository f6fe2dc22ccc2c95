import { useCallback, useEffect, useState } from 'preact/hooks'
import type { Session } from '../session.js'
import type { Draft } from './draft.js'
import { type ChosenFile, keepFiles, keptHandles, readableFile } from './keptFiles.js'
import { keep } from './storage.js'

/** The form that sends files, as far as it is filled in. `lost`: the names of files that the browser could not keep. */
export type Filled = { draft: Draft; files: ChosenFile[]; lost: string[] }

type Stored = { draft: Draft; fileNames: string[] }

/** The form of the organisation in this tab: it outlives other pages and a reload. */
export function useStoredDraft(session: Session, empty: () => Draft) {
  const key = `console-draft:${session.brokerUrl}:${session.organization}`
  const [filled, setFilled] = useState<Filled>(() => {
    const stored = storedIn(key)
    // One of an earlier version of the console lacks what is new.
    return { draft: { ...empty(), ...stored?.draft }, files: [], lost: stored?.fileNames ?? [] }
  })
  const [isRestored, setRestored] = useState(false)

  useEffect(() => {
    const restore = async () => {
      const found = await Promise.all(
        (await keptHandles(key)).map(async (handle) => ({ handle, file: await readableFile(handle) })),
      )
      // Other tabs keep their files under the same key.
      const files = found.flatMap(({ file, handle }) => (file ? [{ file, handle }] : []))
      setFilled((now) => {
        const back = files.filter(({ file }) => now.lost.includes(file.name))
        const names = back.map(({ file }) => file.name)
        return { ...now, files: [...back, ...now.files], lost: now.lost.filter((name) => !names.includes(name)) }
      })
    }
    void restore().finally(() => setRestored(true))
  }, [key])
  useEffect(() => {
    if (!isRestored) return
    const fileNames = [...filled.lost, ...filled.files.map(({ file }) => file.name)]
    const stored: Stored = { draft: filled.draft, fileNames }
    keep(sessionStorage, key, JSON.stringify(stored))
  }, [key, filled, isRestored])
  useEffect(() => {
    if (isRestored) void keepFiles(key, filled.files)
  }, [key, filled.files, isRestored])

  const fill = useCallback((part: Partial<Filled>) => setFilled((last) => ({ ...last, ...part })), [])
  return { filled, fill }
}

function storedIn(key: string): Stored | undefined {
  const text = sessionStorage.getItem(key)
  return text === null ? undefined : (JSON.parse(text) as Stored)
}
