import { createHash } from 'node:crypto'
import { BrokenConnection, BrokerProblem, TransferEnded } from '../../calls/problem.js'
import { defaultRetryPolicy, withRetry } from '../../calls/retry.js'
import { published } from '../../calls/watch.js'
import type { BrokerClient } from '../../client.js'
import { md5Of } from '../../md5.js'
import { forgetIfEnded, type ResumeStore } from '../../upload/resume.js'
import type { SendProgress } from '../../upload/sendFile.js'
import { nameOf, type Source } from '../../upload/source.js'
import { isFinal, isSent } from '../../wire/statuses.js'
import type { InitializeFileTransfer } from '../../wire/types.js'

const MIB = 2 ** 20
const BLOCK_BYTES = 8 * MIB
// Azure stores a blob in 50,000 blocks at most.
const MAX_BLOCKS = 40_000

type Body = NonNullable<RequestInit['body']>

type Options = {
  signal: AbortSignal
  tries: number
  resume: ResumeStore
  until: 'published' | 'uploaded'
  onProgress: (progress: SendProgress) => void
}

/**
 * Sends a file by a link, straight to the storage. The same file sent again after an interruption begins anew, in the
 * same file transfer. @throws BrokerProblem, BrokenConnection, TransferEnded, or the reason of the signal.
 */
export async function sendByLink(
  broker: BrokerClient,
  source: Source,
  sending: Omit<InitializeFileTransfer, 'fileName'> & { fileName?: string },
  options: Options,
) {
  const { signal, resume, until } = options
  // Broker does not see the bytes on their way: it fails the file when it has another MD5.
  const checksum = await md5Of(source, signal)
  const transfer = { ...sending, fileName: nameOf(sending.fileName ?? source.name), checksum }
  const key = `link-${createHash('md5')
    .update(JSON.stringify([source.identity, transfer]))
    .digest('hex')}`
  const begin = async (idempotencyKey: string) => {
    await resume.set(key, idempotencyKey)
    const id = await broker.initializeFileTransfer(transfer, { idempotencyKey, signal })
    return broker.getFileTransfer(id, { signal })
  }
  const forget = () => resume.delete(key)
  const earlier = await begin((await resume.get(key)) ?? crypto.randomUUID())
  if (earlier.fileTransferStatus === 'Cancelled') {
    await forget()
    throw new TransferEnded(earlier.fileTransferId, 'Cancelled', earlier.fileTransferStatusText)
  }
  const hasEnded = isFinal(earlier.fileTransferStatus) && !isSent(earlier)
  const { fileTransferId: id } = hasEnded ? await begin(crypto.randomUUID()) : earlier
  if (hasEnded || !isSent(earlier)) await uploadByLink(broker, id, source, options)

  const now =
    until === 'published'
      ? await published(broker, id, { signal }).catch(forgetIfEnded(forget))
      : await broker.getFileTransfer(id, { signal })
  await forget()
  return {
    fileTransferId: id,
    status: now.fileTransferStatus,
    fileName: transfer.fileName,
    sizeBytes: source.sizeBytes,
    md5: checksum,
  }
}

async function uploadByLink(broker: BrokerClient, id: string, source: Source, options: Options): Promise<void> {
  const { signal, tries, onProgress } = options
  const { sizeBytes: totalBytes } = source
  const blockBytes = Math.max(BLOCK_BYTES, Math.ceil(totalBytes / MAX_BLOCKS))
  const put = (url: string, body: Body, headers = {}) =>
    withRetry(() => putOnce(url, body, headers, signal), { ...defaultRetryPolicy, tries }, signal)

  let link = await broker.createUploadLink(id, { signal })
  const blocks: string[] = []
  onProgress({ fileTransferId: id, sentBytes: 0, totalBytes })
  for (let start = 0; start < totalBytes; start += blockBytes) {
    const end = Math.min(start + blockBytes, totalBytes)
    const bytes = await source.read(start, end)
    const block = btoa(String(blocks.length).padStart(6, '0'))
    const query = `&comp=block&blockid=${encodeURIComponent(block)}`
    await put(link.url + query, bytes).catch(async (error: unknown) => {
      if (!isRefused(error)) throw error
      // The link has expired. Another one leads to the same place, where the blocks are kept.
      link = await broker.createUploadLink(id, { signal })
      await put(link.url + query, bytes)
    })
    blocks.push(block)
    onProgress({ fileTransferId: id, sentBytes: end, totalBytes })
  }
  const list = `<BlockList>${blocks.map((block) => `<Latest>${block}</Latest>`).join('')}</BlockList>`
  const { 'x-ms-blob-type': _, ...headers } = link.headers
  await put(`${link.url}&comp=blocklist`, list, headers).catch((error: unknown) => {
    // The file is there when the answer to an earlier try was lost: Broker says whether it is.
    if (!isRefused(error)) throw error
  })
  await broker.completeLinkedUpload(id, { signal })
}

const isRefused = (error: unknown) => error instanceof BrokerProblem && [403, 409, 412].includes(error.status)

async function putOnce(url: string, body: Body, headers: Record<string, string>, signal: AbortSignal) {
  const { host } = new URL(url)
  const broken = (cause: unknown) => {
    if (signal.aborted) throw signal.reason
    throw new BrokenConnection(`The storage does not answer at ${host}`, { cause })
  }
  const response = await fetch(url, { method: 'PUT', body, headers, signal }).catch(broken)
  const text = await response.text().catch(broken)
  if (response.ok) return
  const [, reason = response.statusText] = /<Code>(\w+)<\/Code>/.exec(text) ?? []
  // An operation that has timed out in the storage, or met an error there: a retry may succeed.
  if (response.status === 500) throw new BrokenConnection(`The storage at ${host} fails: ${reason}`)
  throw new BrokerProblem(response.status, { detail: `The storage at ${host} refuses it: ${reason}` })
}
