import type { FileTransferId } from '../fileTransfer/state.js'
import type { Resource } from '../resource.js'

// A party's search rows on a resource are in one partition of the table, which takes 2,000 rows a second. When that is
// too little, those of new transfers are spread over twice as many partitions. A transfer keeps the one that it began
// with, and a search reads all of them.

const MAX_SEARCH_PARTITIONS = 8

/** Over how many partitions the search rows of a party are spread on this resource. */
export const searchPartitionsOf = ({ searchPartitions = 1 }: Resource): number => searchPartitions

/** Which of so many partitions a new transfer has, by its id, which is random. */
export const searchPartitionOf = (id: FileTransferId, partitions: number): number =>
  Number.parseInt(id.slice(0, 8), 16) % partitions

/**
 * The resource with twice the partitions when this one is too busy; undefined when there are 8 already, or when it is
 * one of those before the last growth: it may be busy with older transfers, and new ones have been spread already.
 */
export function withMorePartitions(resource: Resource, busy: number): Resource | undefined {
  const partitions = searchPartitionsOf(resource)
  const isOlder = busy < Math.floor(partitions / 2)
  if (partitions >= MAX_SEARCH_PARTITIONS || isOlder) return undefined
  return { ...resource, searchPartitions: partitions * 2 }
}

/** The resource with so many partitions that a search finds this one; undefined when it has. */
export function withPartition(resource: Resource, partition: number): Resource | undefined {
  if (partition < searchPartitionsOf(resource)) return undefined
  return { ...resource, searchPartitions: 2 ** Math.ceil(Math.log2(partition + 1)) }
}
