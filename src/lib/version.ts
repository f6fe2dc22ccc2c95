import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'

const manifest = z.object({ version: z.string(), commit: z.string().optional() })

/**
 * Which release this is, by the nearest package.json; and the commit that its package was made from, which only a
 * package knows.
 */
export const { version, commit } = manifest.parse(JSON.parse(readFileSync(manifestAbove(import.meta.dirname), 'utf8')))

/** Both in one, as semantic versioning has it: `1.2.3+commit`. */
export const build: string = commit === undefined ? version : `${version}+${commit}`

/** How requests to other services name their sender. */
export const userAgent = `altinn-broker/${version}`

function manifestAbove(folder: string): string {
  const path = join(folder, 'package.json')
  return existsSync(path) ? path : manifestAbove(dirname(folder))
}
