import { readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileSource } from '../../node.js'
import type { Source } from '../../upload/source.js'
import { UsageError } from '../errors.js'
import { type Output, sizeOf } from '../output.js'

/** A file to send, and the path that the user knows it by. */
export type Chosen = { path: string; source: Source }

const SHOWN = 5

/**
 * The files of the arguments: each file, and all files in each folder, each once. They are described before they are
 * sent.
 */
export async function filesIn(names: string[], output: Output): Promise<Chosen[]> {
  const byIdentity = new Map<string, Chosen>()
  for (const name of names) {
    const isFolder = (await stat(name)).isDirectory()
    const paths = isFolder ? await pathsIn(name, output) : [name]
    for (const path of paths) {
      const source = await fileSource(path)
      const identity = source.identity ?? path
      if (!byIdentity.has(identity)) byIdentity.set(identity, { path, source })
    }
  }
  const chosen = [...byIdentity.values()]
  if (chosen.length > 1) output.say(describe(chosen))
  return chosen
}

/** All files in the folder and below. Hidden ones, and what is no file, are left out. @throws when there is none. */
async function pathsIn(folder: string, output: Output): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths: string[] = []
  const leftOut: string[] = []
  for (const entry of entries.filter((each) => !each.isDirectory())) {
    const path = join(entry.parentPath, entry.name)
    const isHidden = relative(folder, path)
      .split(/[\\/]/)
      .some((part) => part.startsWith('.'))
    if (entry.isFile() && !isHidden) paths.push(path)
    else leftOut.push(path)
  }
  if (leftOut.length > 0) output.warn(`Left out, since they are hidden or no files: ${listed(leftOut)}`)
  if (paths.length === 0) throw new UsageError(`There are no files in the folder ${folder}`)
  return paths.toSorted()
}

function describe(chosen: Chosen[]): string {
  const bytes = chosen.reduce((sum, { source }) => sum + source.sizeBytes, 0)
  const paths = chosen.map(({ path }) => path)
  return `${chosen.length} files, ${sizeOf(bytes)}, each as a file transfer: ${listed(paths)}`
}

const listed = (paths: string[]) =>
  paths.length > SHOWN ? `${paths.slice(0, SHOWN).join(', ')} and ${paths.length - SHOWN} more` : paths.join(', ')
