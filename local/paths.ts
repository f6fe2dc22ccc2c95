import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The project's folder, wherever this file runs from: as source, or compiled in `dist`. */
export const projectRoot = rootAbove(import.meta.dirname)

/** A compiled program of the local stack, `altinn/main.js` say. */
export const program = (path: string) => join(projectRoot, 'dist/local', path)

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder))
}
