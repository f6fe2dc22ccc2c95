import type { SearchProjection } from '../../domain/projections/search.js'
import type { SearchIndex } from '../ports/search.js'

/** So long search rows wait for those of the next change. */
const LONGEST_WAIT_MS = 200

type Waiting = {
  projection: SearchProjection
  known: { replaced: SearchProjection | undefined }
  timer: NodeJS.Timeout
  resolve: (written: Promise<void>) => void
}

/**
 * A search index in two forms. By `waiting`, rows are written a little later; by `atOnce`, they are written at once,
 * and in place of those that still wait and that they would replace. So a small upload writes its rows once, not twice.
 */
export function joinedProjections(index: SearchIndex): { waiting: SearchIndex; atOnce: SearchIndex } {
  const waiting = new Map<string, Waiting>()

  /** Takes the rows that this projection replaces, if they still wait. */
  function take(key: string, replaced: SearchProjection | undefined): Waiting | undefined {
    const earlier = waiting.get(key)
    if (!earlier || earlier.projection.sequence !== replaced?.sequence) return undefined
    clearTimeout(earlier.timer)
    waiting.delete(key)
    return earlier
  }

  const atOnce: SearchIndex = {
    ...index,
    project(projection, known) {
      const earlier = take(keyOf(projection), known?.replaced)
      const writing = index.project(projection, earlier?.known ?? known)
      earlier?.resolve(writing)
      return writing
    },
  }

  return {
    atOnce,
    waiting: {
      ...index,
      project(projection, known) {
        const key = keyOf(projection)
        if (!known || waiting.has(key)) return atOnce.project(projection, known)
        return new Promise((resolve) => {
          const write = () => {
            waiting.delete(key)
            resolve(index.project(projection, known))
          }
          waiting.set(key, { projection, known, resolve, timer: setTimeout(write, LONGEST_WAIT_MS) })
        })
      },
    },
  }
}

const keyOf = ({ actor, fileTransferId }: SearchProjection) => `${actor.organization}:${actor.role}:${fileTransferId}`
