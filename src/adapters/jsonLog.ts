import type { Log } from '../usecases/ports.js'

/** One line of JSON for each outcome. Errors are written with their stack and cause. */
export const jsonLog =
  (write: (line: string) => void): Log =>
  (level, message, details = {}) => {
    const readable = Object.fromEntries(
      Object.entries(details).map(([name, value]) => [name, value instanceof Error ? described(value) : value]),
    )
    write(JSON.stringify({ time: new Date().toISOString(), level, message, ...readable }))
  }

const described = ({ stack, cause }: Error): string =>
  cause === undefined ? `${stack}` : `${stack}\nbecause of ${cause}`
