/**
 * The address of a client, in lower case and without its port: the last one in `X-Forwarded-For`, which the nearest
 * proxy has added. Those before it, and `X-Real-IP`, are what the caller has sent, and can be forged. Empty: no proxy
 * names one.
 */
export function clientAddress(headers: Pick<Headers, 'get'>): string {
  const last = headers.get('x-forwarded-for')?.split(',').at(-1)?.trim().toLowerCase() ?? ''
  return /^\[([^\]]+)\]/.exec(last)?.[1] ?? last.replace(/^([^:]+):\d+$/, '$1')
}
