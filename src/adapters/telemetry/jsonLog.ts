import { logEvents } from '../../domain/projections/logEvents.js'
import type { Log } from '../../usecases/ports/telemetry.js'

/** One line of JSON for each outcome, with its trace. Errors are written with their stack and cause. */
export const jsonLog =
  (write: (line: string) => void, traceId: () => string | undefined = () => undefined): Log =>
  (code, details = {}) => {
    const { level, message } = logEvents[code]
    const readable = Object.fromEntries(
      Object.entries(details).map(([name, value]) => [name, value instanceof Error ? described(value) : value]),
    )
    const trace = traceId()
    write(
      JSON.stringify({
        time: new Date().toISOString(),
        level,
        code,
        message,
        ...readable,
        ...(trace && { traceId: trace }),
      }),
    )
  }

const described = ({ stack, cause }: Error): string =>
  cause === undefined ? `${stack}` : `${stack}\nbecause of ${cause}`
