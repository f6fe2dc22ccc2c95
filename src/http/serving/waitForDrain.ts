import type { ServerResponse } from 'node:http'

/** Resolves when the response drains or closes. A stalled client holds it until the host gives up on the connection. */
export const waitForDrain = (response: ServerResponse) =>
  new Promise<void>((resolve) => {
    if (response.destroyed || !response.writableNeedDrain) return resolve()
    const done = () => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
  })
