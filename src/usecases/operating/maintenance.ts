import { BACKUP_TIME } from '../../domain/operating/backup.js'
import { isDue, startRun, type TimeOfDay } from '../../domain/operating/nightlyRun.js'
import type { NightlyRuns } from '../ports/operating.js'
import type { Log } from '../ports/telemetry.js'

/**
 * The tasks of the timer: nightly ones with the time, in UTC, from which they are due; the others run at every tick.
 * Their names are also names of functions and of disabled tasks in the settings, and do not change: `announcePending`
 * resumes committed changes.
 */
export const tasks = {
  announcePending: undefined,
  expireDue: undefined,
  backUpTables: BACKUP_TIME,
  sweepOrphans: { hour: 2, minute: 20 },
  refreshStatistics: { hour: 3, minute: 30 },
} as const satisfies Record<string, TimeOfDay | undefined>

/** The name of a task. */
export type Task = keyof typeof tasks

type Deps = {
  work: Record<Task, () => Promise<unknown>>
  nightlyRuns: NightlyRuns
  isDisabled: (task: Task) => boolean
  now: () => Date
  /** Resolves after this time, or rejects when the signal ends it. */
  pause: (milliseconds: number, value: undefined, options: { signal: AbortSignal }) => Promise<unknown>
  log: Log
}

/** A tick waits this long for its tasks, so that the next tick, 30 s later, is never delayed. */
const WAIT_MS = 25_000

/**
 * Runs every task that is due, concurrently. A task that fails does not stop the others; a slow one continues in
 * the background, is not started a second time until it ends, and does not delay the next tick of the others.
 * @throws at the end with the names of the tasks that have failed since the last tick.
 */
export function maintain(deps: Deps): () => Promise<void> {
  const { log, pause } = deps
  const enabled = taskNames.filter((task) => !deps.isDisabled(task))
  for (const task of taskNames) if (!enabled.includes(task)) log('maintenance.taskDisabled', { task })

  const running = new Map<Task, Promise<void>>()
  const failed = new Set<Task>()
  const start = (task: Task): Promise<void> => {
    const run = runIfDue(deps, task)
      .catch((error: unknown) => {
        failed.add(task)
        log('maintenance.taskFailed', { task, error: String(error) })
      })
      .finally(() => running.delete(task))
    running.set(task, run)
    return run
  }

  return async () => {
    const limit = new AbortController()
    const all = Promise.all(enabled.map((task) => running.get(task) ?? start(task)))
    await Promise.race([all, pause(WAIT_MS, undefined, { signal: limit.signal })])
    limit.abort()
    for (const task of running.keys()) log('maintenance.taskRunning', { task })
    const names = [...failed]
    failed.clear()
    if (names.length > 0) throw new Error(`Failed: ${names.join(', ')}`)
  }
}

const taskNames = Object.keys(tasks) as Task[]

async function runIfDue(deps: Deps, task: Task): Promise<void> {
  const time: TimeOfDay | undefined = tasks[task]
  if (time) await runNightly(deps, task, time)
  else await deps.work[task]()
}

/** One instance runs it, once a night: late, if no instance ran at its time; again after an hour, if it failed. */
async function runNightly({ work, nightlyRuns, now, log }: Deps, task: Task, time: TimeOfDay): Promise<void> {
  const startedAt = now()
  const found = await nightlyRuns.read(task)
  if (!found) {
    await nightlyRuns.save(task, { doneAt: startedAt }, undefined) // a new environment has nothing to catch up with
    return
  }
  if (!isDue(found.run, time, startedAt)) return
  const version = await nightlyRuns.save(task, startRun(found.run, startedAt), found.version)
  if (version === 'conflict') return
  await work[task]()
  await nightlyRuns.save(task, { doneAt: startedAt }, version)
  log('maintenance.taskDone', { task })
}
