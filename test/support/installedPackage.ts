import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from '../../local/paths.js'

const run = promisify(execFile)
/** What the package depends on, and the types that a TypeScript project has beside it. */
const DEPENDENCIES = ['age-encryption', 'hash-wasm', 'jose', '@types/node', 'undici-types']

/** An empty folder with the client package, as a tarball has it, in its `node_modules`. */
export async function installedPackage() {
  const folder = await mkdtemp(join(tmpdir(), 'package-'))
  const modules = join(folder, 'node_modules')
  const own = join(modules, '@altinn/broker-client')
  await mkdir(own, { recursive: true })
  const pack = ['pack', './clients/typescript', '--ignore-scripts', '--pack-destination', folder]
  await run('npm', pack, { cwd: projectRoot })
  const [tarball = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'))
  await run('tar', ['xzf', join(folder, tarball), '--strip-components=1', '-C', own])
  await mkdir(join(modules, '@types'))
  for (const name of DEPENDENCIES) await symlink(join(projectRoot, 'node_modules', name), join(modules, name))
  return {
    folder,
    own,
    run: (...args: string[]) => run(process.execPath, args, { cwd: folder }),
    remove: () => rm(folder, { recursive: true }),
  }
}
