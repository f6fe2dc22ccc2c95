import { randomUUID } from 'node:crypto'
import { type FileHandle, link, lstat, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { foldedName, numbered } from './fileNames.js'

/** If the path exists: the file is replaced, the new one is refused, or the new one gets a numbered name. */
export type IfExists = 'replace' | 'refuse' | 'number'

// The errors of file systems without hard links, such as FAT; the last one is that of Windows.
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR']

/** Creates the folder and its parents, and syncs them to the disk. */
export async function makeFolder(folder: string): Promise<void> {
  const highest = await mkdir(folder, { recursive: true })
  if (highest === undefined) return
  let created = resolve(folder)
  await syncFolder(dirname(created))
  while (created !== resolve(highest)) {
    created = dirname(created)
    await syncFolder(dirname(created))
  }
}

/** Syncs the names in the folder to the disk. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open folders.
  if (process.platform === 'win32') return
  await using handle = await open(folder)
  await handle.sync()
}

/** @throws when the path exists and cannot be used. */
export async function checkPath(path: string, ifExists: IfExists): Promise<void> {
  if (ifExists === 'number') return
  const existing = await stat(path).catch(() => undefined)
  if (existing && ifExists === 'refuse') throw existsAlready(path)
  if (existing && !existing.isFile()) throw new Error(`${path} is not a file`)
}

/**
 * Moves the open file from `part` to `path`, or to a numbered name beside it. No other file can be lost meanwhile.
 * @returns its path, also when another process has moved the same file. @throws when it is at none of its names.
 */
export async function place(file: FileHandle, part: string, path: string, ifExists: IfExists): Promise<string> {
  const tried: string[] = []
  for (const candidate of ifExists === 'number' ? await freeNames(path) : [path]) {
    tried.push(candidate)
    const move = ifExists === 'replace' ? replace(file, part, candidate) : moveUnlessThere(part, candidate)
    const failure = await move.then(
      () => undefined,
      (error: Error) => error,
    )
    const entry = await entryAt(candidate, file)
    if (entry === 'file') return candidate
    if (!failure) {
      if (ifExists !== 'replace') await rm(candidate)
      throw new Error(`${part} belongs to another process by now`)
    }
    if (entry !== 'nothing' && ifExists !== 'replace') continue
    // Without hard links another process moves the same file in two steps, and may have done so meanwhile.
    for (const each of tried) if ((await entryAt(each, file)) === 'file') return each
    throw failure
  }
  throw existsAlready(path)
}

const existsAlready = (path: string) => new Error(`${path} is there already`)

/** The path, then numbered ones, without those that some file system takes for a name in the folder. */
async function freeNames(path: string): Promise<Iterable<string>> {
  const names = new Set(await readdir(dirname(path)))
  const folded = new Set([...names].map(foldedName))
  return (function* () {
    for (let number = 1; ; number += 1) {
      const name = numbered(basename(path), number)
      if (names.has(name) || !folded.has(foldedName(name))) yield join(dirname(path), name)
    }
  })()
}

/** Renames by way of a name of its own: another try may have created a new file at `part`. */
async function replace(file: FileHandle, part: string, path: string): Promise<void> {
  const own = join(dirname(path), `.${randomUUID()}.part`)
  await rename(part, own)
  try {
    if ((await entryAt(own, file)) !== 'file') throw new Error(`${part} belongs to another process by now`)
    await rename(own, path)
  } catch (error) {
    await rename(own, part)
    throw error
  }
}

async function moveUnlessThere(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
    // Only the process that linked the file removes `from`: another could remove the next part of the same name.
    await rm(from)
  } catch (error) {
    if (!NO_LINKS.includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    // An empty file reserves the name, and is replaced.
    await (await open(to, 'wx')).close()
    await rename(from, to).catch(async (failure: unknown) => {
      await rm(to)
      throw failure
    })
  }
}

async function entryAt(path: string, file: FileHandle): Promise<'file' | 'other' | 'nothing'> {
  const [existing, own] = await Promise.all([
    lstat(path, { bigint: true }).catch(() => undefined),
    file.stat({ bigint: true }),
  ])
  if (!existing) return 'nothing'
  return existing.ino === own.ino && existing.dev === own.dev ? 'file' : 'other'
}
