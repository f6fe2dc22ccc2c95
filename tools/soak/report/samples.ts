import { readdir, readFile, readlink } from 'node:fs/promises'
import type { EntityCounts } from '../../../local/serviceBus/entities.js'

/** What was seen at one moment. */
export type Sample = {
  atMs: number
  /** Of each process: memory in MiB, open files, and those of them that are sockets. */
  processes: Record<string, { memory: number; handles: number; sockets: number }>
  /** Messages that wait, and the age of the oldest in seconds. */
  queues: Record<string, { messages: number; oldest: number }>
  begun: number
  over: number
  bytes: number
}

/** Memory and open files of a process, from /proc; undefined where there is none. */
export async function processSample(pid: number): Promise<Sample['processes'][string] | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    const open = await readdir(`/proc/${pid}/fd`)
    const links = await Promise.all(open.map((each) => readlink(`/proc/${pid}/fd/${each}`).catch(() => '')))
    const memory = Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024)
    return { memory, handles: open.length, sockets: links.filter((link) => link.startsWith('socket:')).length }
  } catch {
    return undefined // it has ended, or this is not Linux
  }
}

/** What waits in the queues. */
export const queueSample = (counts: Record<string, EntityCounts>): Sample['queues'] =>
  Object.fromEntries(
    Object.entries(counts).map(([name, { active, oldestMs }]) => [
      name,
      { messages: active, oldest: Math.round(oldestMs / 1000) },
    ]),
  )
