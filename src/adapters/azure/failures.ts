/** The answer of the service; undefined when it refuses with this status. */
export async function unless<Value>(status: number, answer: Promise<Value>): Promise<Value | undefined> {
  try {
    return await answer
  } catch (error) {
    if (statusOf(error) === status) return undefined
    throw error
  }
}

/** The HTTP status with which the service refused; undefined when the failure is another. */
export const statusOf = (error: unknown): number | undefined =>
  typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined

/**
 * The answer to a write; 'conflict' when another one came first: the row exists already (409), is gone (404), or was
 * changed since it was read (412).
 */
export async function orConflict<Value>(write: Promise<Value>): Promise<Value | 'conflict'> {
  try {
    return await write
  } catch (error) {
    if ([404, 409, 412].includes(statusOf(error) ?? 0)) return 'conflict'
    throw error
  }
}
