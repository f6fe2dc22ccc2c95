import { randomUUID } from 'node:crypto'
import { type FileHandle, link, lstat, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { foldedName, numbered } from './fileNames.js'

/** What becomes of a file that is there already: it is replaced, the new one is refused, or the new one gets a name with a number. */
export type IfExists = 'replace' | 'refuse' | 'number'

// What disks without hard links answer, such as FAT; the last is what Windows says.
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR']

/** Makes the folder and those above it, which are on the disk when this returns. */
export async function makeFolder(folder: string): Promise<void> {
  const highest = await mkdir(folder, { recursive: true })
  if (highest === undefined) return
  let made = resolve(folder)
  await syncFolder(dirname(made))
  while (made !== resolve(highest)) {
    made = dirname(made)
    await syncFolder(dirname(made))
  }
}

/** The names in the folder are on the disk when this returns. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows does not open folders.
  if (process.platform === 'win32') return
  await using handle = await open(folder)
  await handle.sync()
}

/** @throws when a file cannot get this path, because of what is there. */
export async function checkPath(path: string, ifExists: IfExists): Promise<void> {
  if (ifExists === 'number') return
  const there = await stat(path).catch(() => undefined)
  if (there && ifExists === 'refuse') throw isThere(path)
  if (there && !there.isFile()) throw new Error(`${path} is not a file`)
}

/**
 * Moves the file, which is open, from `part` to `path`, or to a name beside it, without a moment at which another file could get lost.
 * @returns where it is now; also when another process has moved the same file. @throws when it is at none of its names.
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
    const there = await whatIsAt(candidate, file)
    if (there === 'file') return candidate
    if (!failure) {
      if (ifExists !== 'replace') await rm(candidate)
      throw new Error(`${part} belongs to another process by now`)
    }
    if (there !== 'nothing' && ifExists !== 'replace') continue
    // Without hard links another process moves the same file in two steps: it may have done so meanwhile.
    for (const each of tried) if ((await whatIsAt(each, file)) === 'file') return each
    throw failure
  }
  throw isThere(path)
}

const isThere = (path: string) => new Error(`${path} is there already`)

/** The path, then numbered ones; without those that some disk takes for a name that is in the folder. */
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

/** By a name that no other process has: what is at `part` may be the beginning of another try by now. */
async function replace(file: FileHandle, part: string, path: string): Promise<void> {
  const own = join(dirname(path), `.${randomUUID()}.part`)
  await rename(part, own)
  try {
    if ((await whatIsAt(own, file)) !== 'file') throw new Error(`${part} belongs to another process by now`)
    await rename(own, path)
  } catch (error) {
    await rename(own, part)
    throw error
  }
}

async function moveUnlessThere(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
    // Only who has linked it removes it: by another's hand it could be the next part of the same name.
    await rm(from)
  } catch (error) {
    if (!NO_LINKS.includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    // An empty file takes the name, and is replaced.
    await (await open(to, 'wx')).close()
    await rename(from, to).catch(async (failure: unknown) => {
      await rm(to)
      throw failure
    })
  }
}

async function whatIsAt(path: string, file: FileHandle): Promise<'file' | 'other' | 'nothing'> {
  const [there, own] = await Promise.all([
    lstat(path, { bigint: true }).catch(() => undefined),
    file.stat({ bigint: true }),
  ])
  if (!there) return 'nothing'
  return there.ino === own.ino && there.dev === own.dev ? 'file' : 'other'
}
