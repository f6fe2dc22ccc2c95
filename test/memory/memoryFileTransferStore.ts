import type { FileTransfer, FileTransferId } from '../../src/domain/fileTransfer/state.js'
import type {
  FileTransferRemoval,
  FileTransferStore,
  RecordedFact,
  Version,
} from '../../src/usecases/ports/fileTransfers.js'

type Partition = { transfer: FileTransfer; version: Version; facts: RecordedFact[] }

/** File transfers in memory. What is stored and what is read are copies. */
export function memoryFileTransferStore(): FileTransferStore & FileTransferRemoval {
  const partitions = new Map<FileTransferId, Partition>()
  let commits = 0

  return {
    async read(id) {
      const stored = partitions.get(id)
      return stored && structuredClone({ transfer: stored.transfer, version: stored.version })
    },

    async readFacts(id, first) {
      const stored = partitions.get(id)
      if (!stored) return undefined
      const facts = stored.facts.filter(({ sequence }) => sequence >= first)
      return structuredClone({ transfer: stored.transfer, facts })
    },

    async readThese(id, sequences) {
      const stored = partitions.get(id)
      const facts = stored?.facts.filter(({ sequence }) => sequences.includes(sequence)) ?? []
      if (!stored || facts.length !== sequences.length) return undefined
      return structuredClone({ transfer: stored.transfer, facts })
    },

    async *facts(id) {
      yield* structuredClone(partitions.get(id)?.facts ?? [])
    },

    async commit(next, facts, changeId, replaced) {
      const stored = partitions.get(next.id)
      if (stored?.version !== replaced) return 'conflict'
      const first = next.sequence - facts.length + 1
      const written = facts.map((fact, index) => ({ sequence: first + index, changeId, fact }))
      const before = stored?.facts ?? []
      if (before.some(({ sequence }) => sequence >= first)) return 'conflict'
      const version = `W/"${++commits}"`
      partitions.set(next.id, structuredClone({ transfer: next, version, facts: [...before, ...written] }))
      return version
    },

    async *ofResource(resourceId, createdBefore) {
      for (const { transfer } of [...partitions.values()]) {
        if (transfer.resourceId === resourceId && transfer.createdAt < createdBefore) yield transfer.id
      }
    },

    async remove(id, read) {
      const version = partitions.get(id)?.version
      if (version !== undefined && version !== read) return 'conflict'
      partitions.delete(id)
      return 'removed'
    },

    async changeIdAt(id, sequence) {
      return partitions.get(id)?.facts.find((each) => each.sequence === sequence)?.changeId
    },
  }
}
