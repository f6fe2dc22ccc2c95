import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'

// What the images of the Dockerfile hold: node tools/deployment/container.ts FOLDER, after the build. In FOLDER/app the
// package of the app with the embedded host, in FOLDER/local the Altinn simulator and the console.

const [, , folder = 'build/container'] = process.argv
const run = promisify(execFile)
const [app, local] = [join(folder, 'app'), join(folder, 'local')]
/** Where the settings are, which `local` makes and `app` reads: a volume of both. */
const SETTINGS = '/settings/local.settings.json'
/** What the host loads by its name, beside the app's own modules. */
const LOADED = ['@azure/functions', '@azure/service-bus']

await rm(folder, { recursive: true, force: true })
await run(process.execPath, ['dist/tools/package.js', folder])
await rm(join(folder, 'app.zip'))
await bundle('dist/local/functionsHost/main.js', join(app, 'host.mjs'))
await bundle('dist/local/compose/main.js', join(local, 'main.mjs'))
await symlink(SETTINGS, join(app, 'local.settings.json'))
await symlink(SETTINGS, join(local, 'local.settings.json'))
for (const file of ['package.json', 'local.settings.sample.json', 'clients/console/dist']) {
  await cp(file, join(local, file), { recursive: true })
}
await cp(await libraries(), join(app, 'node_modules'), { recursive: true })

async function bundle(entry: string, outfile: string) {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    minify: true,
    keepNames: true,
    external: ['@azure/functions-core'],
    banner: { js: `import { createRequire as __r } from 'node:module'; const require = __r(import.meta.url);` },
    logLevel: 'warning',
  })
}

/** A folder of the libraries alone and of what they need, in the versions of package-lock.json. */
async function libraries(): Promise<string> {
  const place = join(folder, 'libraries')
  await mkdir(place)
  const { dependencies, type } = JSON.parse(await readFile('package.json', 'utf8'))
  const kept = Object.fromEntries(LOADED.map((name) => [name, dependencies[name]]))
  await writeFile(join(place, 'package.json'), JSON.stringify({ type, dependencies: kept }))
  await cp('package-lock.json', join(place, 'package-lock.json'))
  await run('npm', ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: resolve(place) })
  return join(place, 'node_modules')
}
