import { createRequire } from 'node:module'
import { join } from 'node:path'

/** A library as the app in this folder resolves it, or our own where the app is bundled into one file. */
export function libraryOf<Library>(directory: string, name: string): Library {
  try {
    return createRequire(join(directory, 'package.json'))(name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND')) throw error
    return createRequire(import.meta.url)(name)
  }
}
