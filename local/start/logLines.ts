import { z } from 'zod'

const entry = z.looseObject({
  time: z.coerce.date(),
  level: z.string(),
  message: z.string(),
  fileTransferId: z.string().optional(),
})

/** What a reader of a screen does without, unless something is wrong. */
const DETAILS = ['code', 'sequence', 'attemptId', 'eventId', 'tries', 'clientId', 'traceId']

/** A line that a process of the stack has written, for people: the time, what happened, to which file transfer. */
export function readableLine(line: string): string {
  const [, json] = /^app: (\{.*\})$/.exec(line) ?? []
  const parsed = json === undefined ? undefined : entry.safeParse(parsedJson(json))
  if (!parsed?.success) return line
  const { time, level, message, fileTransferId, ...rest } = parsed.data
  const isFine = level === 'info'
  const values = Object.entries(rest)
    .filter(([name]) => !isFine || !DETAILS.includes(name))
    .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`)
  const sentence = isFine ? message : `${level.toUpperCase()} ${message}`
  return [time.toTimeString().slice(0, 8), sentence, fileTransferId, ...values].filter(Boolean).join(' ')
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
