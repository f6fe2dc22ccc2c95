// Addresses of services, as people write and paste them.

const API_PATH = /\/broker\/api\/v1(\/.*)?$/i
const LOOPBACK = /^(localhost|127\.[\d.]+|\[::1\])(:|\/|$)/i

/**
 * Where Broker is, without a slash at its end: `broker.example`, `HTTPS://Broker.Example/`, also the address of the API
 * or of one of its operations. A path before `/broker/api/v1` is that of a gateway, and stays. @throws TypeError
 */
export const brokerUrl = (text: string): string => {
  const { origin, pathname } = webAddress(text)
  return origin + pathname.replace(API_PATH, '').replace(/\/+$/, '')
}

/** A web address without a query; `https` unless it says otherwise or is this machine. @throws TypeError */
export function webAddress(text: string): URL {
  const address = text.trim()
  const scheme = LOOPBACK.test(address.replace(/^\/\//, '')) ? 'http' : 'https'
  const whole = /^[a-z][a-z\d+.-]*:\/\//i.test(address) ? address : `${scheme}://${address.replace(/^\/\//, '')}`
  const url = URL.canParse(whole) ? new URL(whole) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw new TypeError(`${text} is not a web address`)
  if (url.username || url.password) throw new TypeError('A web address has no name and password here: use a token')
  url.search = ''
  url.hash = ''
  return url
}
