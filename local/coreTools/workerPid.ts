import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

/**
 * The process that runs the app's code under Core Tools: of all that descend from `root`, the Node process farthest
 * down, since the host starts the worker, and npm's `func` starts the host. Undefined while there is none, and where
 * there is no /proc.
 */
export function workerPid(root: number): number | undefined {
  const childrenOf = Map.groupBy(processes(), ({ parent }) => parent)
  let found: number | undefined
  for (
    let level = childrenOf.get(root) ?? [];
    level.length > 0;
    level = level.flatMap(({ pid }) => childrenOf.get(pid) ?? [])
  ) {
    found = level.findLast(({ pid }) => isNode(pid))?.pid ?? found
  }
  return found
}

function processes(): { pid: number; parent: number }[] {
  return ids().flatMap((pid) => {
    const stat = orUndefined(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
    // After the name, which is in brackets and may hold anything: the state and the parent.
    const [, parent] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? []
    return parent === undefined ? [] : [{ pid, parent: Number(parent) }]
  })
}

const ids = () => (orUndefined(() => readdirSync('/proc')) ?? []).filter((name) => /^\d+$/.test(name)).map(Number)

const isNode = (pid: number) => basename(orUndefined(() => readlinkSync(`/proc/${pid}/exe`)) ?? '') === 'node'

/** What is read, unless the process has exited meanwhile. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
