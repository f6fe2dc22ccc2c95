/** Runs several things under one signal: when one fails, the others are aborted. */
export async function abortTogether<Value>(
  signal: AbortSignal | undefined,
  act: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const stop = new AbortController()
  const follow = () => stop.abort(signal?.reason)
  if (signal?.aborted) follow()
  signal?.addEventListener('abort', follow)
  try {
    return await act(stop.signal)
  } catch (error) {
    stop.abort(error)
    throw error
  } finally {
    signal?.removeEventListener('abort', follow)
  }
}
