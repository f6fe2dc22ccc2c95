import { globSync, readFileSync } from 'node:fs'
import { copyFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, describe, expect, test } from 'vitest'
import { projectRoot } from '../../local/paths.js'
import { installedPackage } from '../support/installedPackage.js'

const installed = await installedPackage()
const { folder, own, run } = installed
afterAll(() => installed.remove())

const write = (name: string, text: string) => writeFile(join(folder, name), text)
const example = (name: string) => copyFile(join(own, 'examples', name), join(folder, name))
const compile = async (options: object, files: string[]) => {
  const compilerOptions = { noEmit: true, strict: true, target: 'es2023', skipLibCheck: false, ...options }
  await write('tsconfig.json', JSON.stringify({ compilerOptions, files }))
  return run(join(projectRoot, 'node_modules/typescript/bin/tsc')).catch(({ stdout }) => ({ stdout }))
}

describe('the package, installed from its tarball', () => {
  test('has what its manifest names, and no tests, sources or settings', async () => {
    expect((await readdir(own)).toSorted()).toEqual(['README.md', 'dist', 'examples', 'package.json'])
    expect(globSync('dist/**/*.*', { cwd: own }).filter((name) => !/\.(js|d\.ts)$/.test(name))).toEqual([])
  })

  test('is imported', async () => {
    await write(
      'main.mjs',
      `import { brokerClient } from '@altinn/broker-client'
      import { fileSource } from '@altinn/broker-client/node'
      import { maskinportenToken } from '@altinn/broker-client/maskinporten'
      console.log(typeof brokerClient, typeof fileSource, typeof maskinportenToken)`,
    )

    expect(await run('main.mjs')).toEqual({ stdout: 'function function function\n', stderr: '' })
  })

  test('is required: the example of CommonJS begins, and asks for its key', async () => {
    await example('commonjs.cjs')

    await expect(run('commonjs.cjs')).rejects.toMatchObject({ stderr: expect.stringContaining("open 'key.pem'") })
  })

  test('is a command', async () => {
    const main = join(own, 'dist/cli/main.js')

    expect((await run(main, '--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  test.each(['nodenext', 'node20'])('has types for Node.js, by %s', async (module) => {
    const files = ['send.ts', 'receive.ts', 'webhook.ts', 'watch.ts', 'changes.ts', 'group.ts', 'encrypted.ts']
    for (const file of files) await example(file)
    await write('package.json', '{"type":"module"}')

    expect((await compile({ module, types: ['node'] }, files)).stdout).toBe('')
  })

  test('has types for a page, without those of Node.js', async () => {
    await example('browser.ts')
    const page = { module: 'esnext', moduleResolution: 'bundler', types: [], lib: ['es2023', 'dom', 'dom.iterable'] }

    expect((await compile(page, ['browser.ts'])).stdout).toBe('')
  })

  test('is bundled for a page, with nothing of Node.js', async () => {
    await example('browser.ts')

    const { outputFiles, warnings } = await build({
      absWorkingDir: folder,
      entryPoints: ['browser.ts'],
      bundle: true,
      format: 'esm',
      platform: 'browser',
      write: false,
    })

    expect(warnings).toEqual([])
    expect(outputFiles[0]?.text).not.toMatch(/from "node:|require\("/)
  })
})

describe('the README of the package', () => {
  const folded = (text: string) => text.replace(/^ +/gm, '').trim()
  const examples = globSync('clients/typescript/examples/*', { cwd: projectRoot }).map((path) =>
    folded(readFileSync(join(projectRoot, path), 'utf8')),
  )
  const readme = readFileSync(join(projectRoot, 'clients/typescript/README.md'), 'utf8')

  test('shows what is in the examples, which are compiled', () => {
    const shown = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => folded(code))

    expect(shown.length).toBeGreaterThan(3)
    expect(shown.filter((code) => !examples.some((each) => each.includes(code)))).toEqual([])
  })

  test('has commands that the command line has', async () => {
    const commands = [...readme.matchAll(/altinn-broker ([a-z]+)/g)].map(([, name]) => name ?? '')

    expect(commands.length).toBeGreaterThan(8)
    for (const name of new Set(commands.filter((name) => name !== 'completion')))
      expect((await run(join(own, 'dist/cli/main.js'), name, '--help')).stdout).toContain(`altinn-broker ${name}`)
  })
})
