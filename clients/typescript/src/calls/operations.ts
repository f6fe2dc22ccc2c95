import type {
  DownloadLink,
  FileTransferCreated,
  FileTransferDetails,
  FileTransferEvents,
  FileTransferGroup,
  FileTransferGroupCreated,
  FileTransferList,
  FileTransferOverview,
  FileTransferStatus,
  InboxChanges,
  InitializeFileTransfer,
  InitializeFileTransferGroup,
  ListPage,
  ListSearch,
  OrganizationName,
  OrganizationNames,
  ReceiptKeys,
  ResourceChange,
  ResourceConfiguration,
  Search,
  ServiceOwner,
  SignedReceipt,
  UploadLink,
} from '../wire/types.js'
import { byOrganization } from './byOrganization.js'
import { API, type Call, fileTransferPath, type Http } from './http.js'
import { keyOperationsOn } from './keyOperations.js'
import { ownerOperationsOn } from './ownerOperations.js'

const NAMES_IN_A_CALL = 100

/** Options of every call. */
export type CallOptions = { signal?: AbortSignal | undefined }

/** The status to wait for, and the seconds to wait for it: 1 to 60. */
export type StatusWait = { waitFor?: FileTransferStatus | undefined; timeout?: number | undefined }

/** Where to go on, how many at most, and the seconds to wait for the first one: 1 to 60. */
export type InboxQuery = { after?: string | undefined; limit?: number | undefined; timeout?: number | undefined }

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

    /**
     * The state of a file transfer and of its recipients. With `waitFor` it is answered when the status is decided, or
     * after `timeout` seconds; a Broker that does not know it, or in which too many wait, answers immediately.
     */
    getFileTransfer: (id: string, { signal, ...wait }: CallOptions & StatusWait = {}) =>
      http.json<FileTransferOverview>(fileTransferPath(id), { query: queryOf(wait), signal }),

    /** The state of a file transfer, and all statuses so far. */
    getFileTransferDetails: (id: string, options: CallOptions = {}) =>
      http.json<FileTransferDetails>(fileTransferPath(id, '/details'), options),

    /** The events of a file transfer, and whether Altinn Events has taken each. */
    getFileTransferEvents: (id: string, options: CallOptions = {}) =>
      http.json<FileTransferEvents>(fileTransferPath(id, '/events'), options),

    /** The signed receipt of a published file transfer; `verifyReceipt` verifies it. */
    getReceipt: (id: string, options: CallOptions = {}) =>
      http.json<SignedReceipt>(fileTransferPath(id, '/receipt'), options),

    /** The keys that receipts are verified by. */
    getReceiptKeys: (options: CallOptions = {}) =>
      http.json<ReceiptKeys>(`${API}/receipts/keys`, { ...options, isPublic: true }),

    /** The ids of all file transfers found. Requests the next page when it is needed. */
    async *searchFileTransfers(search: Search, { signal }: CallOptions = {}) {
      let query: Record<string, string> | undefined = queryOf(search)
      while (query) {
        const page: { json: string[]; headers: Headers } = await http.page(`${API}/filetransfer`, { query, signal })
        yield* page.json
        query = nextPage(page.headers.get('link'))
      }
    },

    /** One page of the file transfers found, with what each of them is. */
    async listFileTransfers(search: ListSearch, { signal }: CallOptions = {}): Promise<ListPage> {
      const call = { query: queryOf(search), signal }
      const { json, headers } = await http.page<FileTransferList>(`${API}/filetransfersummaries`, call)
      return { ...json, continuation: nextPage(headers.get('link'))?.continuation }
    },

    /** What is new for the caller as a recipient after a cursor; `broker.changes` goes on by itself. */
    listInboxChanges: ({ signal, ...query }: CallOptions & InboxQuery = {}) =>
      http.json<InboxChanges>(`${API}/inbox/changes`, { query: queryOf(query), signal }),

    /** The names of organisations, in their order. A hundred are asked for at a time. */
    getOrganizationNames: (organizations: string[], { signal }: CallOptions = {}): Promise<OrganizationName[]> =>
      byOrganization(organizations, NAMES_IN_A_CALL, async (json) => {
        const call = { method: 'POST', json, signal }
        return (await http.json<OrganizationNames>(`${API}/organizations/names`, call)).organizations
      }),

    /** The whole file, or its part in `range` (`bytes=0-99`). */
    downloadFile: (id: string, { range, signal }: CallOptions & { range?: string } = {}) =>
      http.request(fileTransferPath(id, '/download'), { signal, ...(range && { headers: { range } }) }),

    /** Confirms that the caller has the file. A second confirmation changes nothing. */
    confirmDownload: (id: string, { signal }: CallOptions = {}) =>
      withoutResult(fileTransferPath(id, '/confirmdownload'), { method: 'POST', signal }),

    /** As `initializeFileTransfer`, for several files: a file transfer for each. Upload each file to its own. */
    initializeGroup(
      group: InitializeFileTransferGroup,
      { idempotencyKey = crypto.randomUUID(), signal }: CallOptions & { idempotencyKey?: string } = {},
    ): Promise<FileTransferGroupCreated> {
      const headers = { 'idempotency-key': idempotencyKey }
      return http.json(`${API}/filetransfergroup`, { method: 'POST', json: group, headers, signal })
    },

    /** A group and its file transfers. */
    getGroup: (id: string, { signal }: CallOptions = {}) => http.json<FileTransferGroup>(groupPath(id), { signal }),

    /** Confirms that the caller has all files of a group. It is refused, and confirms none, while one is missing. */
    confirmGroup: (id: string, { signal }: CallOptions = {}) =>
      http.json<FileTransferGroup>(groupPath(id, '/confirmdownload'), { method: 'POST', signal }),

    /** Cancels a file transfer. One that is published is withdrawn, which takes a `reason`. */
    cancelFileTransfer: (id: string, { reason, signal }: CallOptions & { reason?: string | undefined } = {}) =>
      withoutResult(fileTransferPath(id, '/cancel'), {
        method: 'POST',
        signal,
        ...(reason !== undefined && { json: { reason } }),
      }),

    /** Moves the time at which a published file expires, to earlier or later. The state of the file transfer then. */
    changeExpiry: async (id: string, expirationTime: Date | string, { signal }: CallOptions = {}) => {
      const json = { expirationTime: new Date(expirationTime).toISOString() }
      return http.json<FileTransferOverview>(fileTransferPath(id, '/expiry'), { method: 'PUT', json, signal })
    },

    /** A link by which the file can be put into the storage, without a token. `completeLinkedUpload` follows. */
    createUploadLink: (id: string, { signal }: CallOptions = {}) =>
      http.json<UploadLink>(fileTransferPath(id, '/upload/link'), { method: 'POST', signal }),

    /** Says that the file is at the upload link, so that it is checked and published. */
    completeLinkedUpload: (id: string, { signal }: CallOptions = {}) =>
      withoutResult(fileTransferPath(id, '/upload/complete'), { method: 'POST', signal }),

    /** A link by which the file can be downloaded from the storage, without a token. */
    createDownloadLink: (id: string, { signal }: CallOptions = {}) =>
      http.json<DownloadLink>(fileTransferPath(id, '/download/link'), { signal }),

    /** Changes the configuration of a resource of the service owner who calls. */
    configureResource: (resourceId: string, change: ResourceChange, { signal }: CallOptions = {}) =>
      withoutResult(resourceAt(resourceId), { method: 'PUT', json: change, signal }),

    // The original requires a Content-Type here, although there is no body.
    /** The configuration of a resource of the service owner who calls. */
    getResource: (resourceId: string, { signal }: CallOptions = {}) =>
      http.json<ResourceConfiguration>(resourceAt(resourceId), {
        headers: { 'content-type': 'application/json' },
        signal,
      }),

    /** Registers the caller as a service owner, under this name. */
    registerServiceOwner: (name: string, { signal }: CallOptions = {}) =>
      withoutResult(`${API}/serviceowner`, { method: 'POST', json: { name }, signal }),

    /** The service owner who calls. */
    getServiceOwner: (options: CallOptions = {}) => http.json<ServiceOwner>(`${API}/serviceowner`, options),

    ...keyOperationsOn(http),
    ...ownerOperationsOn(http),
  }
}

/** The operations of Broker, one call each. */
export type Operations = ReturnType<typeof operationsOn>

const groupPath = (id: string, rest = '') => `${API}/filetransfergroup/${encodeURIComponent(id)}${rest}`

const queryOf = (search: Search | ListSearch | StatusWait | InboxQuery): Record<string, string> =>
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
