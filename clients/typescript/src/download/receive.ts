import { fileTransferPath, type Http } from '../calls/http.js'
import type { Operations } from '../calls/operations.js'
import { BrokenConnection, WrongBytes } from '../calls/problem.js'
import { retriesOf } from '../calls/retry.js'
import { startMd5 } from '../md5.js'
import { sha256In, startSha256 } from '../sha256.js'
import type { FileTransferOverview } from '../wire/types.js'

/** The destination of a file. */
export type Sink = {
  /** Called first. Returns the bytes that an earlier try has written; they are not written again. */
  open(file: FileTransferOverview): Promise<AsyncIterable<Uint8Array> | undefined>
  /** Takes the next bytes. */
  write(bytes: Uint8Array): Promise<void>
  /** Called last. `whole`: complete and verified; `broken`: can be resumed; `wrong`: the bytes written are useless. */
  close(outcome: 'whole' | 'broken' | 'wrong'): Promise<void>
}

/** How many bytes of the file the sink has. */
export type ReceiveProgress = { fileTransferId: string; receivedBytes: number; totalBytes: number }

/** How a file is received. */
export type ReceiveOptions = {
  /** Called when the sink has taken bytes. */
  onProgress?: ((progress: ReceiveProgress) => void) | undefined
  signal?: AbortSignal | undefined
  /** Whether to confirm the download when the file is complete and verified. Default: no. */
  confirm?: boolean | undefined
}

/** A file that was received. Size and digests are of the bytes that came; `md5` and `sha256` are lower-case hex digits. */
export type Received = {
  fileTransferId: string
  fileName: string
  sizeBytes: number
  md5: string
  sha256: string
  /** False when Broker knows no digest to compare with; the size is always compared. */
  isVerified: boolean
}

/**
 * Downloads a file and compares size, MD5 and SHA-256, as far as Broker knows them. Resumes after broken connections.
 * @throws BrokerProblem, BrokenConnection, WrongBytes, or the reason of the signal.
 */
export async function receive(
  http: Http,
  operations: Operations,
  id: string,
  sink: Sink,
  options: ReceiveOptions = {},
): Promise<Received> {
  const received = await download(http, operations, id, sink, options)
  if (options.confirm) await operations.confirmDownload(id, { signal: options.signal })
  return received
}

async function download(
  http: Http,
  operations: Operations,
  id: string,
  sink: Sink,
  { onProgress, signal }: ReceiveOptions,
): Promise<Received> {
  const overview = await operations.getFileTransfer(id, { signal })
  const { fileTransferSize: totalBytes, fileName, checksum } = overview
  let outcome: Parameters<Sink['close']>[0] = 'broken'
  const [md5, sha256] = await Promise.all([startMd5(), startSha256()])
  let expectedSha256: string | undefined
  let receivedBytes = 0
  const count = (bytes: Uint8Array) => {
    md5.update(bytes)
    sha256.update(bytes)
    receivedBytes += bytes.length
    onProgress?.({ fileTransferId: id, receivedBytes, totalBytes })
  }
  const onResponse = ({ headers }: Response) => {
    expectedSha256 ??= sha256In(headers.get('repr-digest'))
  }
  const earlier = await sink.open(overview)
  try {
    for await (const bytes of earlier ?? []) count(bytes)
    for await (const bytes of bytesFrom(http, id, receivedBytes, totalBytes, onResponse, signal)) {
      await sink.write(bytes)
      count(bytes)
    }
    const is = { md5: md5.digest('hex'), sha256: sha256.digest('hex') }
    const isWrongMd5 = checksum && checksum.toLowerCase() !== is.md5
    const isWrongSha256 = expectedSha256 !== undefined && expectedSha256 !== is.sha256
    if (receivedBytes !== totalBytes || isWrongMd5 || isWrongSha256) {
      const digest = isWrongSha256 ? expectedSha256 && `SHA-256 ${expectedSha256}` : checksum && `MD5 ${checksum}`
      const expected = [`${totalBytes} bytes`, ...(digest ? [digest] : [])].join(', ')
      const got = isWrongSha256 ? `SHA-256 ${is.sha256}` : `MD5 ${is.md5}`
      throw new WrongBytes(`${fileName} should be ${expected}; it is ${receivedBytes} bytes, ${got}`)
    }
    outcome = 'whole'
    const isVerified = Boolean(checksum) || expectedSha256 !== undefined
    return { fileTransferId: id, fileName, sizeBytes: totalBytes, ...is, isVerified }
  } catch (error) {
    if (error instanceof WrongBytes) outcome = 'wrong'
    throw error
  } finally {
    await sink.close(outcome)
  }
}

/** The bytes of the file from `start` on. Resumes after broken connections. */
async function* bytesFrom(
  http: Http,
  id: string,
  start: number,
  totalBytes: number,
  onResponse: (response: Response) => void,
  signal?: AbortSignal,
) {
  const retries = retriesOf(http.retryPolicy, signal)
  let at = start
  let etag: string | null = null
  // An empty file is requested too: a download can be confirmed only after it has started.
  let isRequested = false
  while (at < totalBytes || !isRequested) {
    try {
      const range: Record<string, string> = at > 0 && at < totalBytes ? { range: `bytes=${at}-` } : {}
      // If-Range: when the file is another by now, Broker answers with the whole of it.
      const condition: Record<string, string> = range.range && etag?.startsWith('"') ? { 'if-range': etag } : {}
      const response = await http.once(fileTransferPath(id, '/download'), {
        headers: { ...range, ...condition },
        signal,
      })
      isRequested = true
      onResponse(response)
      const now = response.headers.get('etag')
      if (etag && now && etag !== now) {
        await response.body?.cancel()
        throw new WrongBytes('The file has changed while it was received')
      }
      etag ??= now
      if (at >= totalBytes && totalBytes > 0) return void (await response.body?.cancel())
      // A server without ranges answers with the whole file.
      let skip = response.status === 206 ? 0 : at
      for await (const bytes of chunksOf(response, signal)) {
        const fresh = bytes.subarray(Math.min(skip, bytes.length))
        skip -= bytes.length - fresh.length
        if (fresh.length === 0) continue
        at += fresh.length
        retries.progressed()
        yield fresh
      }
      if (at < totalBytes) throw new BrokenConnection('The download ended too early')
    } catch (error) {
      await retries.failed(error)
    }
  }
}

async function* chunksOf(response: Response, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader()
  if (!reader) return
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        if (signal?.aborted) throw signal.reason
        throw new BrokenConnection('The download broke off', { cause })
      })
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** A sink that makes a Blob. */
export type BlobSink = Sink & {
  /** The file, when it is complete. */
  blob(): Blob
}

/** Holds the file in memory, or where the browser stores a Blob. */
export function blobSink(): BlobSink {
  const parts: Uint8Array<ArrayBuffer>[] = []
  return {
    open: async () => undefined,
    // A Blob copies what it is made of; the bytes of a response are not shared.
    write: async (bytes: Uint8Array) => void parts.push(bytes as Uint8Array<ArrayBuffer>),
    close: async () => undefined,
    blob: () => new Blob(parts),
  }
}
