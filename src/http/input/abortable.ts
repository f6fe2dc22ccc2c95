/**
 * The chunks of a body, which fail when the signal aborts, as if the client had disconnected. A read that ends later is
 * discarded.
 */
export async function* abortable(
  signal: AbortSignal | undefined,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]()
  let fail: (error: Error) => void = () => {}
  const end = () => fail(new Error('This instance is stopping.'))
  // Not a race with one promise for all reads, which would hold on to each of them.
  const next = () =>
    new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
      fail = reject
      if (signal?.aborted) end()
      source.next().then(resolve, reject)
    })
  signal?.addEventListener('abort', end)
  try {
    for (let read = await next(); !read.done; read = await next()) yield read.value
  } finally {
    signal?.removeEventListener('abort', end)
    void source.return?.().catch(() => {}) // it waits for the read that is under way
  }
}
