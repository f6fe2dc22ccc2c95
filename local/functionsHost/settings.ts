import { readFileSync } from 'node:fs'

/** `text` with every `%NAME%` replaced by that app setting. @throws when one is missing. */
export const setting = (text: string) =>
  text.replace(/%([^%]+)%/g, (_, name: string) => {
    const value = process.env[name]
    if (value === undefined) throw new Error(`The app setting ${name} is missing.`)
    return value
  })

/** The part of host.json that this host obeys. */
export type HostJson = { functionTimeout?: string; extensions?: ExtensionSettings }

/** The settings of the bindings. Times are `hh:mm:ss`. */
export type ExtensionSettings = {
  http?: { routePrefix?: string }
  serviceBus?: { maxConcurrentCalls?: number; maxAutoLockRenewalDuration?: string }
}

/** The JSON in a file of the app; undefined when there is no such file. The caller says what it holds. */
export function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
