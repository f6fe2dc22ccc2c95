/**
 * What the service is to reach over 30 days, with the reasons in docs/operations/objectives.md: the share of `target` of all that is counted,
 * within so many seconds where there is a time.
 */
export const OBJECTIVES = {
  availability: { target: 0.999 },
  publication: { target: 0.99, withinSeconds: 300 },
  events: { target: 0.99, withinSeconds: 60 },
  deadlines: { target: 0.99, withinSeconds: 600 },
} as const

type Timed = Exclude<keyof typeof OBJECTIVES, 'availability'>

/** Whether what took so long was in time, as an attribute of what is measured: the alerts count by it. */
export const punctuality = (objective: Timed, seconds: number): 'inTime' | 'late' =>
  seconds <= OBJECTIVES[objective].withinSeconds ? 'inTime' : 'late'
