import type {
  DownloadLink,
  FileTransferCreated,
  FileTransferDetails,
  FileTransferEvents,
  FileTransferOverview,
  InitializeFileTransfer,
  ResourceChange,
  ResourceConfiguration,
  Search,
  ServiceOwner,
  UploadLink,
} from '../wire/types.js'
import { API, type Http, pathOf } from './http.js'

/** What every call takes. */
export type CallOptions = { signal?: AbortSignal | undefined }

/** The operations of the API, one by one, each tried again while it may pass. Each @throws a BrokerProblem or a BrokenConnection. */
export function operationsOn(http: Http) {
  const resourceAt = (resourceId: string) => `${API}/resource/${encodeURIComponent(resourceId)}`
  const done = async (path: string, ask: Parameters<Http['request']>[1]) => {
    await (await http.request(path, ask)).arrayBuffer()
  }

  return {
    /** An idempotency key is made unless one is given, so that a call whose answer was lost begins nothing twice. */
    async initializeFileTransfer(
      asked: InitializeFileTransfer,
      { idempotencyKey = crypto.randomUUID(), signal }: CallOptions & { idempotencyKey?: string } = {},
    ): Promise<string> {
      const headers = { 'idempotency-key': idempotencyKey }
      const ask = { method: 'POST', json: asked, headers, signal }
      return (await http.json<FileTransferCreated>(`${API}/filetransfer`, ask)).fileTransferId
    },

    getFileTransfer: (id: string, options: CallOptions = {}) => http.json<FileTransferOverview>(pathOf(id), options),

    getFileTransferDetails: (id: string, options: CallOptions = {}) =>
      http.json<FileTransferDetails>(pathOf(id, '/details'), options),

    getFileTransferEvents: (id: string, options: CallOptions = {}) =>
      http.json<FileTransferEvents>(pathOf(id, '/events'), options),

    /** The ids of all that are found, page after page as they are asked for. */
    async *searchFileTransfers({ orderAscending, ...search }: Search, { signal }: CallOptions = {}) {
      const order = orderAscending === undefined ? {} : { orderAscending: String(orderAscending) }
      let query: Record<string, string> | undefined = { ...search, ...order }
      while (query) {
        const response: Response = await http.request(`${API}/filetransfer`, { query, signal })
        yield* (await response.json()) as string[]
        query = nextPage(response.headers.get('link'))
      }
    },

    /** The file as it is, or the part of it that `range` (`bytes=0-99`) names. */
    downloadFile: (id: string, { range, signal }: CallOptions & { range?: string } = {}) =>
      http.request(pathOf(id, '/download'), { signal, ...(range && { headers: { range } }) }),

    confirmDownload: (id: string, { signal }: CallOptions = {}) =>
      done(pathOf(id, '/confirmdownload'), { method: 'POST', signal }),

    cancelFileTransfer: (id: string, { signal }: CallOptions = {}) =>
      done(pathOf(id, '/cancel'), { method: 'POST', signal }),

    createUploadLink: (id: string, { signal }: CallOptions = {}) =>
      http.json<UploadLink>(pathOf(id, '/upload/link'), { method: 'POST', signal }),

    completeLinkedUpload: (id: string, { signal }: CallOptions = {}) =>
      done(pathOf(id, '/upload/complete'), { method: 'POST', signal }),

    createDownloadLink: (id: string, { signal }: CallOptions = {}) =>
      http.json<DownloadLink>(pathOf(id, '/download/link'), { signal }),

    configureResource: (resourceId: string, change: ResourceChange, { signal }: CallOptions = {}) =>
      done(resourceAt(resourceId), { method: 'PUT', json: change, signal }),

    // The original demands a Content-Type here, though there is no body.
    getResource: (resourceId: string, { signal }: CallOptions = {}) =>
      http.json<ResourceConfiguration>(resourceAt(resourceId), {
        headers: { 'content-type': 'application/json' },
        signal,
      }),

    registerServiceOwner: (name: string, { signal }: CallOptions = {}) =>
      done(`${API}/serviceowner`, { method: 'POST', json: { name }, signal }),

    getServiceOwner: (options: CallOptions = {}) => http.json<ServiceOwner>(`${API}/serviceowner`, options),
  }
}

export type Operations = ReturnType<typeof operationsOn>

/** RFC 8288. The query alone counts: a gateway may have another host and path than Broker knows. */
function nextPage(link: string | null): Record<string, string> | undefined {
  const [, address] = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(link ?? '') ?? []
  return address === undefined
    ? undefined
    : Object.fromEntries(new URL(address, 'http://broker.invalid').searchParams.entries())
}
