import type { HttpFunctionOptions, HttpMethod } from '@azure/functions'
import type { Operation } from '../contract/operation.js'
import { preflight } from '../gate/cors.js'
import { commonHeaders } from '../gate/headers.js'

/** A function that answers 405 on the paths of a route, and what it says is allowed there. */
export type RefusingFunction = { name: string; route: string; methods: HttpMethod[]; allow: string }

type Row = Pick<Operation, 'path'> & { method: HttpMethod }

const METHODS: HttpMethod[] = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']

const segmentsOf = (path: string) => path.toLowerCase().split('/')
const isParameter = (segment: string) => segment.startsWith('{')
const isGuid = (segment: string) => segment.endsWith(':guid}')
/** The path without the names of its parameters: two paths of one shape are one path. */
const shapeOf = (path: string) => path.toLowerCase().replaceAll(/\{\w+\}/g, '{}')
const parametersIn = (path: string) => segmentsOf(path).filter(isParameter).length

/** Whether some path is matched by both routes. (`{name:guid}` matches no literal: no literal of the API is a GUID.) */
export function overlap(one: string, other: string): boolean {
  const [segments, others] = [segmentsOf(one), segmentsOf(other)]
  if (segments.length !== others.length) return false
  return segments.every((segment, index) => {
    const beside = others[index] ?? ''
    if (isParameter(segment) === isParameter(beside)) return isParameter(segment) || segment === beside
    return !isGuid(segment) && !isGuid(beside)
  })
}

/** Whether every path that `special` matches is matched by `general`. */
const covers = (general: string, special: string): boolean =>
  overlap(general, special) &&
  segmentsOf(general).every((segment, index) => isParameter(segment) || !isParameter(segmentsOf(special)[index] ?? ''))

/**
 * For each path of the API a function that refuses the methods that it does not have (spec 3.1): the Functions host
 * itself answers 404. The host knows no more and less literal routes, so no two functions with a common method may
 * match one path. Where a literal is beside `{fileTransferId}`, the parameter therefore refuses on GUIDs alone.
 */
export function refusingFunctions(rows: readonly Row[]): RefusingFunction[] {
  const taken = rows.map(({ path, method }) => ({ route: path, methods: [method] }))
  const paths = [...new Map(rows.map(({ path }) => [shapeOf(path), path])).values()]
  return paths
    .toSorted((one, other) => parametersIn(one) - parametersIn(other))
    .map((path) => {
      const hasNeighbour = paths.some((each) => each !== path && overlap(each, path))
      const route = hasNeighbour ? path.replaceAll('{fileTransferId}', '{fileTransferId:guid}') : path
      const isTaken = (method: HttpMethod) =>
        taken.some((each) => each.methods.includes(method) && overlap(each.route, route))
      const methods = METHODS.filter((method) => !isTaken(method))
      taken.push({ route, methods })
      const allowed = rows.filter((row) => covers(row.path, path)).map(({ method }) => method)
      return { name: nameFor(path), route, methods, allow: [...new Set(allowed)].sort().join(', ') }
    })
    .filter(({ methods }) => methods.length > 0)
}

/**
 * A request with a wrong method is refused before its token is checked. A preflight request is answered with what is
 * allowed.
 */
export const refuseWith =
  ({ corsOrigins }: { corsOrigins?: readonly string[] }) =>
  ({ route, methods, allow }: RefusingFunction): HttpFunctionOptions => ({
    methods,
    route,
    authLevel: 'anonymous',
    handler: async (request) => {
      const { status, headers } = preflight(corsOrigins, request, allow) ?? { status: 405, headers: { allow } }
      return { status, headers: { ...commonHeaders(corsOrigins, request), ...headers } }
    },
  })

/** `refuseMethodsOfFiletransferByFileTransferIdUpload` */
function nameFor(path: string): string {
  const words = path.replace(/^broker\/api\/v1\//, '').replaceAll('{', 'by/')
  return `refuseMethodsOf${words.replaceAll(/(?:^|\W+)(\w)|\W+$/g, (_, first = '') => first.toUpperCase())}`
}
