import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { zipSync } from 'fflate'
import { projectRoot } from '../local/paths.js'

// `npm run package`: the app as Azure takes it, in build/app and zipped in build/app.zip, or in another folder than
// build. The code is one bundle, so that a starting instance reads few files; the local stack, tests and tools are not
// in it.

const [, , folder = join(projectRoot, 'build')] = process.argv
const target = join(folder, 'app')
const require = createRequire(import.meta.url)

/** Read at run time, as files. */
const ASSETS = ['package.json', 'swagger-ui-bundle.js', 'swagger-ui.css', 'LICENSE']

// `require` in an ES module; the worker of Azure Functions replaces what it finds by a module of its own.
const REQUIRE = `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);`

await rm(target, { recursive: true, force: true })
await mkdir(target, { recursive: true })
const functions = (await readdir(join(projectRoot, 'src/functions'), { recursive: true })).filter((name) =>
  name.endsWith('.ts'),
)
const { metafile } = await build({
  stdin: {
    contents: functions.map((file) => `import './${file}'`).join('\n'),
    resolveDir: join(projectRoot, 'src/functions'),
    sourcefile: 'main.ts',
  },
  outdir: join(target, 'dist'),
  entryNames: 'main',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  legalComments: 'linked',
  metafile: true,
  external: ['@azure/functions-core', 'swagger-ui-dist'],
  banner: { js: REQUIRE },
  outExtension: { '.js': '.mjs' },
  absWorkingDir: projectRoot,
  logLevel: 'warning',
})
await cp(join(projectRoot, 'host.json'), join(target, 'host.json'))
const { name, version, engines } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8'))
const manifest = { name, version, ...(await madeFrom()), private: true, type: 'module', main: 'dist/main.mjs', engines }
await writeFile(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
const assets = dirname(require.resolve('swagger-ui-dist/package.json'))
for (const asset of ASSETS) await cp(join(assets, asset), join(target, 'node_modules/swagger-ui-dist', asset))

const files = [
  'host.json',
  'package.json',
  ...ASSETS.map((asset) => `node_modules/swagger-ui-dist/${asset}`),
  ...Object.keys(metafile.outputs).map((path) => relative(target, join(projectRoot, path))),
]
const content = await Promise.all(files.map(async (file) => [file, await readFile(join(target, file))] as const))
const zip = zipSync(Object.fromEntries(content), { level: 9 })
await writeFile(`${target}.zip`, zip)
const unzipped = content.reduce((sum, [, { length }]) => sum + length, 0)
const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`
console.log(`${target}.zip: ${files.length} files, ${mib(zip.length)}, unpacked ${mib(unzipped)}`)

/** The commit, which says so if files have changed since; nothing where there is no repository. */
async function madeFrom(): Promise<{ commit?: string }> {
  const describe = ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*']
  try {
    const { stdout } = await promisify(execFile)('git', describe, { cwd: projectRoot })
    return { commit: stdout.trim() }
  } catch {
    return {}
  }
}
