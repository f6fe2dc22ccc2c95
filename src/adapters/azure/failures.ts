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

/** Another change came first: the row is there already (409), is gone (404), or was changed since it was read (412). */
export const isConflict = (error: unknown): boolean => [404, 409, 412].includes(statusOf(error) ?? 0)
