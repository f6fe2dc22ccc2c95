import type { FileTransfer } from '../../domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import { type SearchActor, type SearchRequest, searchQuery } from '../../domain/projections/search.js'
import { err, ok } from '../../domain/result.js'
import { readOnly } from '../access.js'
import type { Access, AccessPolicy, Caller } from '../ports/access.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'
import type { ResourceStore } from '../ports/resources.js'
import type { SearchIndex, SearchPosition } from '../ports/search.js'
import type { SearchPartitions } from '../searchPartitions.js'

type Deps = {
  access: AccessPolicy
  resources: ResourceStore
  searchIndex: SearchIndex
  searchPartitions: SearchPartitions
}

const PAGE = 100

/** The transfers of a resource that the caller's organisation sent or receives, a page at a time. */
export const searchFileTransfers =
  (deps: Deps) => async (caller: Caller, request: SearchRequest, after: SearchPosition | undefined) => {
    const { organization: party } = caller
    if (!party) return err('NoAccessToResource')
    return pageFor(deps, caller, { party, actions: ['write', 'read'] }, request, { after, limit: PAGE })
  }

/** A search in one role. */
type RoleRequest = SearchRequest & { role: SearchActor['role'] }

/**
 * The same search in one role, with what each transfer is; those that have been removed meanwhile are left out. It needs
 * the action that viewing each of them would need.
 */
export const listFileTransfers =
  ({ transfers, ...deps }: Deps & { transfers: FileTransferReader }) =>
  async (caller: Caller, request: RoleRequest, page: { after: SearchPosition | undefined; limit: number }) => {
    const { organization: party } = caller
    if (!party) return err('NoAccessToResource')
    const action = request.role === 'Sender' ? 'write' : 'read'
    const found = await pageFor(deps, caller, { party, actions: [action] }, request, page)
    if (!found.ok) return found
    const { ids, next } = found.value
    const read = await Promise.all(ids.map((id) => transfers.read(id)))
    const listed = read.flatMap((each) => (each && isIn(each.transfer, request.role, party) ? each.transfer : []))
    return ok({ organization: party, next, transfers: listed })
  }

/** The transfer and the index do not change together. */
const isIn = (transfer: FileTransfer, role: SearchActor['role'], party: OrganizationNumber) =>
  role === 'Sender' ? transfer.sender === party : party in transfer.recipients

async function pageFor(
  { access, resources, searchIndex, searchPartitions }: Deps,
  caller: Caller,
  asked: { party: OrganizationNumber; actions: Access['actions'] },
  request: SearchRequest,
  { after, limit }: { after: SearchPosition | undefined; limit: number },
) {
  const { resourceId } = request
  // Concurrently, for speed: a caller who is not permitted gets nothing of what was found.
  const search = (partitions: number) =>
    searchIndex.search({ ...searchQuery(request, asked.party), partitions }, after, limit)
  const expected = searchPartitions.lastOf(resourceId)
  const [isPermitted, stored, page] = await Promise.all([
    readOnly(access).isPermitted(caller, { ...asked, resourceId }),
    resources.recent(resourceId),
    search(expected),
  ])
  if (!isPermitted || !stored) return err('NoAccessToResource')
  const partitions = searchPartitions.of(stored.resource)
  return ok(partitions > expected ? await search(partitions) : page)
}
