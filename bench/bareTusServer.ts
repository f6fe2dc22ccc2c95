import { open } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { BlobServiceClient } from '@azure/storage-blob'

// A TUS server that only keeps the bytes: no token, no record of what is stored, no MD5. In a process of its own, like
// the app; argument: a folder, or the connection string of an account. It sends its port in a message.

const [, , place = ''] = process.argv

type Upload = { offset: number; lengthBytes: number; isPart: boolean }
type Keep = {
  /** Stores bytes, and returns how many there were. */
  write(id: number, offset: number, bytes: IncomingMessage): Promise<number>
  /** Makes the file of these uploads, in this order. */
  finish(ids: number[]): Promise<unknown>
}

const onDisk = (folder: string): Keep => ({
  async write(id, offset, bytes) {
    await using file = await open(join(folder, String(id)), offset > 0 ? 'r+' : 'w')
    let at = offset
    for await (const chunk of bytes) at += (await file.write(chunk as Buffer, 0, undefined, at)).bytesWritten
    return at - offset
  },
  finish: async () => {},
})

/** Each PATCH request is one block. */
async function inStorage(connectionString: string): Promise<Keep> {
  const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient('bare-tus')
  await container.createIfNotExists()
  const blob = container.getBlockBlobClient(String(process.pid))
  const blockIds = new Map<number, string[]>()
  return {
    async write(id, offset, bytes) {
      const block = Buffer.concat(await Array.fromAsync(bytes as AsyncIterable<Buffer>))
      const blockId = btoa(`${String(id).padStart(8, '0')}${String(offset).padStart(16, '0')}`)
      await blob.stageBlock(blockId, block, block.length)
      blockIds.set(id, [...(blockIds.get(id) ?? []), blockId])
      return block.length
    },
    finish: (ids) => blob.commitBlockList(ids.flatMap((id) => blockIds.get(id) ?? [])),
  }
}

const keep = place.includes('AccountName=') ? await inStorage(place) : onDisk(place)
const uploads: Upload[] = []

async function create(concat: string, lengthBytes: number) {
  const id = uploads.push({ offset: 0, lengthBytes, isPart: concat === 'partial' }) - 1
  const parts = [...concat.matchAll(/\/(\d+)(?= |$)/g)].map(([, part]) => Number(part))
  if (parts.length > 0) await keep.finish(parts)
  return { location: `/${id}` }
}

async function append(id: number, bytes: IncomingMessage) {
  const upload = uploads[id]
  if (!upload) throw new Error(`There is no upload ${id}.`)
  upload.offset += await keep.write(id, upload.offset, bytes)
  if (upload.offset === upload.lengthBytes && !upload.isPart) await keep.finish([id])
  return { 'upload-offset': String(upload.offset) }
}

const server = createServer(async (incoming, answer) => {
  const { method, url = '', headers } = incoming
  const isNew = method === 'POST'
  const more = isNew
    ? await create(String(headers['upload-concat'] ?? ''), Number(headers['upload-length']))
    : await append(Number(url.slice(1)), incoming)
  answer.writeHead(isNew ? 201 : 204, { 'tus-resumable': '1.0.0', ...more })
  answer.end()
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit())
