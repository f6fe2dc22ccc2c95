import { mergeRows, type StatisticsRow } from '../../src/domain/projections/statistics.js'
import type { ClosedMonth, ClosedMonths, ReportFiles, StatisticsStore } from '../../src/usecases/ports/statistics.js'

/** Statistics in memory. */
export function memoryStatistics(): StatisticsStore {
  const rows = new Map<string, StatisticsRow>()
  const late = new Map<string, Date>()
  const keyOf = ({ month, serviceOwner, resourceId, fileTransferId, recipient }: StatisticsRow) =>
    JSON.stringify([month, serviceOwner, resourceId, fileTransferId, recipient])
  const inOrder = () => [...rows].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row)
  async function* rowsWhere(isWanted: (row: StatisticsRow) => boolean) {
    yield* structuredClone(inOrder().filter(isWanted))
  }

  return {
    async merge(given) {
      for (const row of structuredClone(given)) {
        const existing = rows.get(keyOf(row))
        rows.set(keyOf(row), existing ? mergeRows(existing, row) : row)
      }
    },
    ofServiceOwner: (month, owner, resourceId) =>
      rowsWhere(
        (row) =>
          row.month === month &&
          row.serviceOwner === owner &&
          (resourceId === undefined || row.resourceId === resourceId),
      ),
    ofMonth: (month) => rowsWhere((row) => row.month === month),
    async months() {
      return [...new Set(inOrder().map(({ month }) => month))].sort()
    },
    async recordLateChange(month, at) {
      late.set(month, at)
    },
    async lastLateChange(month) {
      return late.get(month)
    },
  }
}

/** Closed months in memory. */
export function memoryClosedMonths(): ClosedMonths {
  const months = new Map<string, ClosedMonth>()
  return {
    async read(month) {
      return structuredClone(months.get(month))
    },
    async save(month, closed) {
      months.set(month, structuredClone(closed))
    },
  }
}

/** Reports in memory, at addresses of this base. */
export function memoryReportFiles(base: string): ReportFiles & { files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>()
  return {
    files,
    async save(name, bytes) {
      files.set(name, bytes)
      return base + name
    },
  }
}
