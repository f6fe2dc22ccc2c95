import type { ServerResponse } from 'node:http'

/** Aborts when nobody waits for the answer any more: its client has left, or the process shuts down. */
export function endingOf(response: ServerResponse | undefined, shutdown: AbortSignal | undefined): AbortSignal {
  const left = new AbortController()
  if (response?.destroyed) left.abort()
  else response?.once('close', () => left.abort())
  return shutdown ? AbortSignal.any([left.signal, shutdown]) : left.signal
}
