import { request } from 'node:http'
import { TableClient } from '@azure/data-tables'
import { BlobServiceClient } from '@azure/storage-blob'
import { type Body, type Journey, OWNER } from './journey.js'

export const CHUNK = 'application/offset+octet-stream'
const ROOT = '/broker/api/v1/filetransfer/upload/tus'

export type TusCalls = ReturnType<typeof tusCalls>
type Headers = Record<string, string>

/** TUS requests as they go over the wire, with this token unless they have another. */
export function tusCalls(journey: Journey, token: string) {
  const { call, stack } = journey
  const at = (id: string) => `${ROOT}/${id}`

  const send = (method: string, path: string, headers: Headers = {}, body?: Body): Promise<Response> =>
    call(path, {
      method,
      token,
      headers: { 'tus-resumable': '1.0.0', ...headers },
      ...(body !== undefined && { body }),
    })

  const create = (id: string, length: number | undefined, headers: Headers = {}, body?: Body) =>
    send('POST', at(id), { ...(length !== undefined && { 'upload-length': String(length) }), ...headers }, body)

  const patch = (path: string, offset: number | string, body: Body, headers: Headers = {}) =>
    send('PATCH', path, { 'content-type': CHUNK, 'upload-offset': String(offset), ...headers }, body)

  return {
    at,
    send,
    create,
    patch,
    head: (path: string, headers: Headers = {}) => send('HEAD', path, headers),
    end: (path: string, headers: Headers = {}) => send('DELETE', path, headers),

    /** A transfer with an upload of this length, and its address. */
    async initializeWithUpload(
      length: number,
      more: Record<string, unknown> = {},
    ): Promise<{ id: string; path: string }> {
      const id = await journey.initialize({ disableVirusScan: true, ...more })
      return { id, path: locationOf(await create(id, length)) }
    },

    /** The address of a new part. */
    part: async (id: string, length: number): Promise<string> =>
      locationOf(await create(id, length, { 'upload-concat': 'partial' })),

    join: (id: string, parts: string[], headers: Headers = {}) =>
      create(id, undefined, { 'upload-concat': `final;${parts.join(' ')}`, ...headers }),

    /** Sends bytes of a body that is said to go on, and goes away when they have left this machine. */
    cut: (method: string, path: string, headers: Headers, bytes: Uint8Array) =>
      new Promise<void>((resolve) => {
        const all = { authorization: `Bearer ${token}`, 'tus-resumable': '1.0.0', 'content-type': CHUNK, ...headers }
        const sending = request(stack.urls.app + path, { method, headers: all })
        sending.on('error', () => {}).on('close', resolve)
        sending.write(bytes, () => sending.destroy())
      }),

    /** All that is stored for uploads of a transfer: rows, and blobs in both accounts, also uncommitted ones. */
    async stored(id: string): Promise<string[]> {
      const { Tables = '', ScannedBlobs = '', UnscannedBlobs = '' } = stack.settings
      const table = TableClient.fromConnectionString(Tables, 'FileTransfers', { allowInsecureConnection: true })
      const filter = `PartitionKey eq '${id}' and RowKey ge 'tus-'`
      const rows = (await Array.fromAsync(table.listEntities({ queryOptions: { filter } }))).map(({ rowKey }) => rowKey)
      const blobs = [ScannedBlobs, UnscannedBlobs].map((account) => {
        const container = BlobServiceClient.fromConnectionString(account).getContainerClient(`serviceowner-${OWNER}`)
        return Array.fromAsync(container.listBlobsFlat({ prefix: `${id}/`, includeUncommitedBlobs: true }))
      })
      return [...rows, ...(await Promise.all(blobs)).flat().map(({ name }) => name)].map(String)
    },

    /** How many blocks the file of a transfer has, or will have. */
    async blocksOf(id: string, kind: 'committed' | 'uncommitted' = 'committed'): Promise<number> {
      const account = BlobServiceClient.fromConnectionString(stack.settings.UnscannedBlobs ?? '')
      const container = account.getContainerClient(`serviceowner-${OWNER}`)
      const [blob] = await Array.fromAsync(
        container.listBlobsFlat({ prefix: `${id}/`, includeUncommitedBlobs: kind === 'uncommitted' }),
      )
      if (!blob) return 0
      return (await container.getBlockBlobClient(blob.name).getBlockList(kind))[`${kind}Blocks`]?.length ?? 0
    },
  }
}

/** @throws when nothing was created. */
export function locationOf(response: Response): string {
  const location = response.headers.get('location')
  if (response.status !== 201 || location === null) throw new Error(`Not created: ${response.status}`)
  return location
}

/** The status of an answer, and its Upload-Offset if it has one: `204 5`. */
export async function outcomeOf(answer: Promise<Response>): Promise<string> {
  const { status, headers } = await answer
  return [status, headers.get('upload-offset')].filter((each) => each !== null).join(' ')
}

/** The status and the text of a refusal. */
export async function refused(
  answer: Promise<Response>,
): Promise<{ status: number; tus: string | null; text: string }> {
  const response = await answer
  return { status: response.status, tus: response.headers.get('tus-resumable'), text: await response.text() }
}
