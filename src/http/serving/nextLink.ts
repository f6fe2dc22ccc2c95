import type { SearchPosition } from '../../usecases/ports/search.js'

/** The `Link` header (RFC 8288) to the results after this position: the same query again, relative to the request. */
export function nextLink({ pathname, searchParams }: URL, { at, fileTransferId }: SearchPosition): string {
  const same = [...searchParams].filter(([name]) => name.toLowerCase() !== 'continuation')
  const query = new URLSearchParams([...same, ['continuation', `${at.getTime()}.${fileTransferId}`]])
  return `<${pathname}?${query}>; rel="next"`
}
