/** Waits until all have settled; then throws the first failure, if there is one. */
export async function settleAll(works: (Promise<unknown> | undefined)[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}
