import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { program } from './paths.js'

/** The app as Azure takes it, in a folder of its own. */
export type PackedApp = { folder: string; remove(): Promise<void> }

/** Makes the package of the app that is built in dist/; `remove` deletes its folder. */
export async function packApp(): Promise<PackedApp> {
  const place = await mkdtemp(join(tmpdir(), 'broker-app-'))
  const remove = () => rm(place, { recursive: true, force: true })
  try {
    await promisify(execFile)(process.execPath, [program('tools/package.js'), place])
  } catch (error) {
    await remove()
    throw error
  }
  return { folder: join(place, 'app'), remove }
}
