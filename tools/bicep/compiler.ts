import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')
export const cache = join(root, 'node_modules/.cache/bicep')

/** Where templates are evaluated: in a subscription that does not exist. */
export const PLACE = [
  ['--subscription-id', '00000000-0000-0000-0000-000000000001'],
  ['--location', 'norwayeast'],
  ['--tenant-id', '00000000-0000-0000-0000-000000000002'],
].flat()

const RUNTIMES: Record<string, string> = {
  'linux x64': 'linux-x64',
  'linux arm64': 'linux-arm64',
  'darwin x64': 'osx-x64',
  'darwin arm64': 'osx-arm64',
  'win32 x64': 'win-x64',
}

/**
 * The compiler on PATH, if it has the version in tools/bicep/bicep.csproj: another one has other findings and another
 * format. Else the package, or what is on PATH all the same; undefined where there is neither.
 */
export function findCompiler(): string | undefined {
  const { stdout: onPath } = spawnSync('bicep', ['--version'], { encoding: 'utf8' })
  if (onPath?.includes(` ${pinned()} `)) return 'bicep'
  return packaged() ?? (onPath ? 'bicep' : undefined)
}

function pinned() {
  return /Version="\[(.*)\]"/.exec(readFileSync(join(root, 'tools/bicep/bicep.csproj'), 'utf8'))?.[1]
}

function packaged(): string | undefined {
  const runtime = RUNTIMES[`${process.platform} ${process.arch}`]
  if (runtime === undefined) return undefined
  const restored = () =>
    globSync(`azure.bicep.commandline.${runtime}/*/tools/bicep{,.exe}`, { cwd: cache }).sort().at(-1)
  if (restored() === undefined) restore(runtime)
  const found = restored()
  if (found === undefined) return undefined
  chmodSync(join(cache, found), 0o755)
  return join(cache, found)
}

/** Several processes may do so at the same time: each in a folder of its own, and the first that is done is taken. */
function restore(runtime: string) {
  mkdirSync(cache, { recursive: true })
  const own = mkdtempSync(`${cache}-`)
  copyFileSync(join(root, 'tools/bicep/bicep.csproj'), join(own, 'bicep.csproj'))
  const { status, stdout, error } = spawnSync(
    'dotnet',
    ['restore', join(own, 'bicep.csproj'), `-p:Runtime=${runtime}`, '--packages', join(own, 'packages')],
    { encoding: 'utf8' },
  )
  const name = `azure.bicep.commandline.${runtime}`
  if (status !== 0) console.error(stdout ?? error?.message)
  else placeUnlessThere(join(own, 'packages', name), join(cache, name))
  rmSync(own, { recursive: true })
}

/** Another process may have placed it meanwhile. */
function placeUnlessThere(from: string, to: string) {
  try {
    renameSync(from, to)
  } catch (error) {
    if (!existsSync(to)) throw error
  }
}
