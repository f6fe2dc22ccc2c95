/**
 * Optimistic concurrency: `attempt` reads, decides and writes, and answers 'conflict' when another write came first.
 * Then it is made again, as long as `isRetried` says so: it is told how many attempts there were, and may pause.
 * 'conflict': others came first every time.
 */
export async function retryOnConflict<Done>(
  attempt: (number: number) => Promise<Done | 'conflict'>,
  isRetried: (attempts: number) => boolean | Promise<boolean>,
): Promise<Done | 'conflict'> {
  for (let attempts = 1; ; attempts++) {
    const done = await attempt(attempts)
    if (done !== 'conflict' || !(await isRetried(attempts))) return done
  }
}
