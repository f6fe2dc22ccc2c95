import { type SearchRequest, searchQuery } from '../../domain/projections/search.js'
import { err, ok } from '../../domain/result.js'
import { readOnly } from '../access.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
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
  ({ access, resources, searchIndex, searchPartitions }: Deps) =>
  async (caller: Caller, request: SearchRequest, after: SearchPosition | undefined) => {
    const { organization: party } = caller
    if (!party) return err('NoAccessToResource')
    const { resourceId } = request
    // Concurrently, for speed: a caller who is not permitted gets nothing of what was found.
    const search = (partitions: number) =>
      searchIndex.search({ ...searchQuery(request, party), partitions }, after, PAGE)
    const expected = searchPartitions.lastOf(resourceId)
    const [isPermitted, stored, page] = await Promise.all([
      readOnly(access).isPermitted(caller, { actions: ['write', 'read'], resourceId, party }),
      resources.recent(resourceId),
      search(expected),
    ])
    if (!isPermitted || !stored) return err('NoAccessToResource')
    const partitions = searchPartitions.of(stored.resource)
    return ok(partitions > expected ? await search(partitions) : page)
  }
