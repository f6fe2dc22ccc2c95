/** A page of the console: the fragment of the address. */
export type Route =
  | { page: 'inbox' | 'outbox'; query: URLSearchParams }
  | { page: 'send' | 'owner' | 'keys' }
  | { page: 'transfer' | 'group'; id: string }
  | { page: 'unknown' }

export type Box = 'inbox' | 'outbox'

/** The route of a fragment; the inbox when it is empty. */
export function routeIn(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?')
  const [page = '', id = ''] = path.split('/')
  switch (page) {
    case '':
    case 'inbox':
      return { page: 'inbox', query: new URLSearchParams(query) }
    case 'outbox':
      return { page: 'outbox', query: new URLSearchParams(query) }
    case 'send':
    case 'owner':
    case 'keys':
      return { page }
    case 'transfer':
    case 'group': {
      const decoded = decodedIn(id)
      return decoded ? { page, id: decoded } : { page: 'unknown' }
    }
    default:
      return { page: 'unknown' }
  }
}

export const transferHref = (id: string) => `#/transfer/${encodeURIComponent(id)}`

export const groupHref = (id: string) => `#/group/${encodeURIComponent(id)}`

export function boxHref(box: Box, query = new URLSearchParams()): string {
  const text = query.toString()
  return text ? `#/${box}?${text}` : `#/${box}`
}

function decodedIn(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}
