import { partyOf } from '../wire/organization.js'
import type {
  DownloadLink,
  FileTransferCreated,
  FileTransferDetails,
  FileTransferEvents,
  FileTransferList,
  FileTransferOverview,
  InitializeFileTransfer,
  ListPage,
  ListSearch,
  OrganizationName,
  OrganizationNames,
  ResourceChange,
  ResourceConfiguration,
  Search,
  ServiceOwner,
  UploadLink,
} from '../wire/types.js'
import { API, type Call, fileTransferPath, type Http } from './http.js'

const NAMES_IN_A_CALL = 100

/** Options of every call. */
export type CallOptions = { signal?: AbortSignal | undefined }

/** The operations of the API, each retried while the error is transient. @throws BrokerProblem or BrokenConnection. */
export function operationsOn(http: Http) {
  const resourceAt = (resourceId: string) => `${API}/resource/${encodeURIComponent(resourceId)}`
  const withoutResult = async (path: string, call: Call) => {
    await (await http.request(path, call)).arrayBuffer()
  }

  return {
    /** Makes an idempotency key unless one is given: a retry after a lost answer creates no second file transfer. */
    async initializeFileTransfer(
      transfer: InitializeFileTransfer,
      { idempotencyKey = crypto.randomUUID(), signal }: CallOptions & { idempotencyKey?: string } = {},
    ): Promise<string> {
      const headers = { 'idempotency-key': idempotencyKey }
      const call = { method: 'POST', json: transfer, headers, signal }
      return (await http.json<FileTransferCreated>(`${API}/filetransfer`, call)).fileTransferId
    },

    getFileTransfer: (id: string, options: CallOptions = {}) =>
      http.json<FileTransferOverview>(fileTransferPath(id), options),

    getFileTransferDetails: (id: string, options: CallOptions = {}) =>
      http.json<FileTransferDetails>(fileTransferPath(id, '/details'), options),

    getFileTransferEvents: (id: string, options: CallOptions = {}) =>
      http.json<FileTransferEvents>(fileTransferPath(id, '/events'), options),

    /** The ids of all file transfers found. Requests the next page when it is needed. */
    async *searchFileTransfers(search: Search, { signal }: CallOptions = {}) {
      let query: Record<string, string> | undefined = queryOf(search)
      while (query) {
        const response: Response = await http.request(`${API}/filetransfer`, { query, signal })
        yield* (await response.json()) as string[]
        query = nextPage(response.headers.get('link'))
      }
    },

    /** One page of the file transfers found, with what each of them is. */
    async listFileTransfers(search: ListSearch, { signal }: CallOptions = {}): Promise<ListPage> {
      const response = await http.request(`${API}/filetransfersummaries`, { query: queryOf(search), signal })
      const { fileTransfers } = (await response.json()) as FileTransferList
      return { fileTransfers, continuation: nextPage(response.headers.get('link'))?.continuation }
    },

    /** The names of organisations, in their order. A hundred are asked for at a time. */
    async getOrganizationNames(organizations: string[], { signal }: CallOptions = {}): Promise<OrganizationName[]> {
      const names: OrganizationName[] = []
      for (let start = 0; start < organizations.length; start += NAMES_IN_A_CALL) {
        const json = { organizations: organizations.slice(start, start + NAMES_IN_A_CALL).map(partyOf) }
        const call = { method: 'POST', json, signal }
        names.push(...(await http.json<OrganizationNames>(`${API}/organizations/names`, call)).organizations)
      }
      return names
    },

    /** The whole file, or its part in `range` (`bytes=0-99`). */
    downloadFile: (id: string, { range, signal }: CallOptions & { range?: string } = {}) =>
      http.request(fileTransferPath(id, '/download'), { signal, ...(range && { headers: { range } }) }),

    confirmDownload: (id: string, { signal }: CallOptions = {}) =>
      withoutResult(fileTransferPath(id, '/confirmdownload'), { method: 'POST', signal }),

    cancelFileTransfer: (id: string, { signal }: CallOptions = {}) =>
      withoutResult(fileTransferPath(id, '/cancel'), { method: 'POST', signal }),

    createUploadLink: (id: string, { signal }: CallOptions = {}) =>
      http.json<UploadLink>(fileTransferPath(id, '/upload/link'), { method: 'POST', signal }),

    completeLinkedUpload: (id: string, { signal }: CallOptions = {}) =>
      withoutResult(fileTransferPath(id, '/upload/complete'), { method: 'POST', signal }),

    createDownloadLink: (id: string, { signal }: CallOptions = {}) =>
      http.json<DownloadLink>(fileTransferPath(id, '/download/link'), { signal }),

    configureResource: (resourceId: string, change: ResourceChange, { signal }: CallOptions = {}) =>
      withoutResult(resourceAt(resourceId), { method: 'PUT', json: change, signal }),

    // The original requires a Content-Type here, although there is no body.
    getResource: (resourceId: string, { signal }: CallOptions = {}) =>
      http.json<ResourceConfiguration>(resourceAt(resourceId), {
        headers: { 'content-type': 'application/json' },
        signal,
      }),

    registerServiceOwner: (name: string, { signal }: CallOptions = {}) =>
      withoutResult(`${API}/serviceowner`, { method: 'POST', json: { name }, signal }),

    getServiceOwner: (options: CallOptions = {}) => http.json<ServiceOwner>(`${API}/serviceowner`, options),
  }
}

/** The operations of Broker, one call each. */
export type Operations = ReturnType<typeof operationsOn>

const queryOf = (search: Search | ListSearch): Record<string, string> =>
  Object.fromEntries(
    Object.entries(search).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )

/** RFC 8288. Only the query is used: a gateway may have another host and path than Broker knows. */
function nextPage(link: string | null): Record<string, string> | undefined {
  const [, address] = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(link ?? '') ?? []
  return address === undefined
    ? undefined
    : Object.fromEntries(new URL(address, 'http://broker.invalid').searchParams.entries())
}
