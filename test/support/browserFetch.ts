// https://fetch.spec.whatwg.org/#http-cors-protocol

const SAFE_METHODS = ['GET', 'HEAD', 'POST']
const SAFE_TO_READ = ['cache-control', 'content-length', 'content-type', 'expires', 'last-modified', 'pragma']

const namesIn = (list: string | null) => (list ?? '').toLowerCase().split(/ *, */)

/** `fetch` as in a page of this origin: a preflight before every call, and only the headers that the answer exposes. */
export const browserFetch =
  (origin: string): typeof fetch =>
  async (input, init) => {
    const { url, method, headers } = new Request(input, init)
    const sent = [...headers.keys()]
    const question = {
      'access-control-request-method': method,
      'access-control-request-headers': sent.join(','),
    }
    const allowed = await fetch(url, { method: 'OPTIONS', headers: { origin, ...question } })
    check(allowed.ok, `The question before ${method} ${url} is answered ${allowed.status}`)
    checkOrigin(allowed, origin)
    const methods = namesIn(allowed.headers.get('access-control-allow-methods'))
    check(SAFE_METHODS.includes(method) || methods.includes(method.toLowerCase()), `${method} is not allowed`)
    const sendable = namesIn(allowed.headers.get('access-control-allow-headers'))
    for (const name of sent) check(sendable.includes(name), `The header ${name} is not allowed`)

    const answer = await fetch(url, { ...init, headers: { ...Object.fromEntries(headers), origin } })
    checkOrigin(answer, origin)
    const readable = [...SAFE_TO_READ, ...namesIn(answer.headers.get('access-control-expose-headers'))]
    const { body, status, statusText } = answer
    const shown = [...answer.headers].filter(([name]) => readable.includes(name))
    return new Response(body, { status, statusText, headers: shown })
  }

const checkOrigin = ({ url, headers }: Response, origin: string) =>
  check(
    ['*', origin].includes(headers.get('access-control-allow-origin') ?? ''),
    `${url} may not be read from ${origin}`,
  )

function check(isAllowed: boolean, otherwise: string) {
  if (!isAllowed) throw new TypeError(otherwise)
}
