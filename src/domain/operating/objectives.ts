/**
 * The service level objectives over 30 days (docs/operations/objectives.md): the share that succeeds, within this many
 * seconds where there is a time.
 */
export const OBJECTIVES = {
  availability: { target: 0.999 },
  publication: { target: 0.99, withinSeconds: 300 },
  events: { target: 0.99, withinSeconds: 60 },
  deadlines: { target: 0.99, withinSeconds: 600 },
} as const

type Timed = Exclude<keyof typeof OBJECTIVES, 'availability'>

/** Whether a duration meets its objective, as an attribute of a measurement. Alerts count by it. */
export const punctuality = (objective: Timed, seconds: number): 'inTime' | 'late' =>
  seconds <= OBJECTIVES[objective].withinSeconds ? 'inTime' : 'late'
