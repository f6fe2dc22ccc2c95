import { useEffect, useRef, useState } from 'preact/hooks'
import {
  BrokerProblem,
  blobSink,
  decryptedName,
  decryptingSink,
  type FileTransferOverview,
  type Received,
  type Sink,
  streamSink,
} from '../../../typescript/src/index.js'
import { useSession } from './context.js'
import { useObservable } from './observable.js'
import { privateKeysOf } from './privateKeys.js'

/** Files up to this size are held in memory until they are verified. */
export const MEMORY_BYTES = 128 * 2 ** 20

const LINKS_OFF = 'BRO-08021'

/**
 * How a download has ended. `downloaded`: as one of the browser's downloads; `saved`: where the user has chosen;
 * `byLink`: the browser downloads it by itself; `tooLarge`: this browser cannot. `decryptedAs`: the name of the file
 * that was in an encrypted one; undefined: what is saved is what was sent.
 */
export type Downloaded =
  | { as: 'downloaded' | 'saved'; received: Received; decryptedAs: string | undefined }
  | { as: 'byLink' | 'tooLarge' }

type Progress = { receivedBytes: number; totalBytes: number }
type File = Pick<FileTransferOverview, 'fileTransferId' | 'fileName' | 'fileTransferSize' | 'encryption'>

/** Chromium alone has it. */
type SaveFilePicker = (options: {
  suggestedName: string
}) => Promise<FileSystemFileHandle & { remove?(): Promise<void> }>

/**
 * Downloads a file, and verifies it where its bytes pass through the page: there an encrypted one is decrypted, too, if
 * the user has chosen private keys. Resolves to undefined when it is stopped.
 */
export function useDownload({ fileTransferId: id, fileName, fileTransferSize, encryption }: File) {
  const session = useSession()
  const { broker } = session
  const privateKeys = useObservable(privateKeysOf(session))
  const decryptedAs = encryption === 'age' && privateKeys.length > 0 ? decryptedName(fileName) : undefined
  const [progress, setProgress] = useState<Progress>()
  const stopping = useRef(new AbortController())
  useEffect(() => () => stopping.current.abort(), [])
  useAskedBeforeUnload(progress !== undefined)

  const receive = async (plain: Sink): Promise<Received | undefined> => {
    stopping.current = new AbortController()
    const { signal } = stopping.current
    const sink = decryptedAs === undefined ? plain : decryptingSink(plain, { privateKeys })
    setProgress({ receivedBytes: 0, totalBytes: Math.max(fileTransferSize, 1) })
    try {
      return await broker.receive(id, sink, { signal, onProgress: setProgress })
    } catch (error) {
      if (!signal.aborted) throw error
      return undefined
    } finally {
      setProgress(undefined)
    }
  }
  const intoMemory = async (): Promise<Downloaded | undefined> => {
    const sink = blobSink()
    const received = await receive(sink)
    if (!received) return undefined
    saveBlob(sink.blob(), decryptedAs ?? fileName)
    return { as: 'downloaded', received, decryptedAs }
  }
  const intoFile = async (pick: SaveFilePicker): Promise<Downloaded | undefined> => {
    const handle = await pick({ suggestedName: decryptedAs ?? fileName }).catch(undefinedIfDismissed)
    if (!handle) return undefined
    let received: Received | undefined
    try {
      received = await receive(streamSink(await handle.createWritable()))
    } finally {
      // The browser has created an empty file, and shows no other until the stream is closed.
      if (!received && (await handle.getFile()).size === 0) await handle.remove?.()
    }
    return received && { as: 'saved', received, decryptedAs }
  }
  const byLink = async (): Promise<Downloaded> => {
    const link = await broker.createDownloadLink(id).catch(undefinedIfOff)
    if (!link) return { as: 'tooLarge' }
    follow(link.url)
    return { as: 'byLink' }
  }
  const download = (): Promise<Downloaded | undefined> => {
    if (fileTransferSize <= MEMORY_BYTES) return intoMemory()
    // Only right after a click: the browser asks the user for the place.
    const pick = (window as { showSaveFilePicker?: SaveFilePicker }).showSaveFilePicker
    return pick ? intoFile(pick) : byLink()
  }
  return { progress, download, stop: () => stopping.current.abort() }
}

/** Saves a text as one of the browser's downloads. */
export const saveText = (text: string, fileName: string): void => saveBlob(new Blob([text]), fileName)

/** The browser saves the bytes under this name. */
export function saveBlob(blob: Blob, fileName: string): void {
  const url = URL.createObjectURL(blob)
  follow(url, fileName)
  // By then the browser has started to read it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

/** `download`: its name; a link to the storage brings its own. */
function follow(url: string, download?: string): void {
  const link = Object.assign(document.createElement('a'), { href: url, rel: 'noreferrer' })
  if (download !== undefined) link.download = download
  link.click()
}

/** The browser asks whether to leave the page. */
function useAskedBeforeUnload(isBusy: boolean): void {
  useEffect(() => {
    if (!isBusy) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [isBusy])
}

function undefinedIfDismissed(error: unknown): undefined {
  if (!(error instanceof DOMException) || error.name !== 'AbortError') throw error
}

function undefinedIfOff(error: unknown): undefined {
  if (!(error instanceof BrokerProblem) || error.code !== LINKS_OFF) throw error
}
