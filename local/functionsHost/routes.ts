/** The values of a route's parameters in the decoded segments of a path; undefined when they do not match. */
export type RouteMatch = (parts: string[]) => Record<string, string> | undefined

type Literal = { literal: string }
type Parameter = {
  name: string
  tests: ((text: string) => boolean)[]
  fallback: string | undefined
  isRest: boolean
  isOptional: boolean
}

/** Compiles a template such as `x/{id:guid}/{*rest}`; matching ignores case. @throws for an unknown constraint. */
export function compileRoute(template: string): RouteMatch {
  const segments = template.split('/').map((text) => segmentOf(text, template))
  return (parts) => {
    const values: Record<string, string> = {}
    let at = 0
    for (const segment of segments) {
      if ('literal' in segment) {
        if (parts[at]?.toLowerCase() !== segment.literal) return undefined
        at++
        continue
      }
      const part = segment.isRest && at < parts.length ? parts.slice(at).join('/') : parts[at]
      if (!part) {
        if (!segment.isOptional) return undefined
        if (segment.fallback !== undefined) values[segment.name] = segment.fallback
        continue
      }
      if (!segment.tests.every((test) => test(part))) return undefined
      values[segment.name] = part
      at = segment.isRest ? parts.length : at + 1
    }
    return at >= parts.length ? values : undefined
  }
}

function segmentOf(text: string, template: string): Literal | Parameter {
  const parsed = /^\{(\*?)(\w+)((?::[^:?=}]+)*)(\?)?(?:=(.*))?\}$/.exec(text)
  if (!parsed) return { literal: text.toLowerCase() }
  const [, star, name = '', constraints = '', optional, fallback] = parsed
  const tests = constraints
    .split(':')
    .filter((constraint) => constraint !== '')
    .map((constraint) => {
      const test = CONSTRAINTS[constraint]
      if (!test) throw new Error(`Route "${template}": no constraint "${constraint}" locally.`)
      return test
    })
  return {
    name,
    tests,
    fallback,
    isRest: star === '*',
    isOptional: Boolean(star || optional || fallback !== undefined),
  }
}

const matches = (pattern: RegExp) => (text: string) => pattern.test(text)

const CONSTRAINTS: Record<string, (text: string) => boolean> = {
  int: matches(/^-?\d{1,10}$/),
  long: matches(/^-?\d{1,19}$/),
  bool: matches(/^(true|false)$/i),
  guid: matches(/^(\{|\()?[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}(\}|\))?$/i),
  alpha: matches(/^[a-z]*$/i),
  decimal: matches(/^-?[\d.]+$/),
  double: matches(/^-?[\d.]+$/),
  float: matches(/^-?[\d.]+$/),
  datetime: (text) => !Number.isNaN(Date.parse(text)),
}

/**
 * The segments of a path, decoded, with `.` and `..` resolved. One slash at the end is ignored; `%2F` and what cannot
 * be decoded stay as they are.
 */
export function segmentsOf(path: string): string[] {
  const segments: string[] = []
  for (const segment of path.replace(/^\//, '').replace(/\/$/, '').split('/').map(decodeSegment)) {
    if (segment === '..') segments.pop()
    else if (segment !== '.') segments.push(segment)
  }
  return segments
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment.replace(/%(2f)/gi, '%25$1'))
  } catch {
    return segment
  }
}
