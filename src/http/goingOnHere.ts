import { AsyncLocalStorage } from 'node:async_hooks'

/** Chunks that are made where they were asked for first, whoever pulls them: in the trace of the call. */
export function goingOnHere<Chunk>(chunks: AsyncGenerator<Chunk>): AsyncIterable<Chunk> {
  const here = AsyncLocalStorage.snapshot()
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => here(() => chunks.next()),
      return: () => here(() => chunks.return(undefined)),
    }),
  }
}
