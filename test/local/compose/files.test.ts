import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { projectRoot } from '../../../local/paths.js'

// Without an engine: the files follow the specification, name versions, and wait for what is healthy.

const FILES = ['compose.yaml', 'compose.emulators.yaml']

const service = z.looseObject({
  image: z.string().optional(),
  build: z.object({ target: z.string() }).optional(),
  healthcheck: z.looseObject({}).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  network_mode: z.string().optional(),
  ports: z.array(z.string()).default([]),
})
const read = (file: string) => readFile(join(projectRoot, file), 'utf8')
const servicesOf = async (file: string) =>
  Object.entries(z.object({ services: z.record(z.string(), service) }).parse(parse(await read(file))).services)
const all = (await Promise.all(FILES.map(servicesOf))).flat()
const dockerfile = await read('Dockerfile')

/** The linter's errors: against the schema of the specification, and against its own rules. */
const lint = (...files: string[]) =>
  promisify(execFile)(join(projectRoot, 'node_modules/.bin/dclint'), ['--quiet', ...files], { cwd: projectRoot })

test('the compose files follow the specification', async () => {
  await expect(lint(...FILES)).resolves.toMatchObject({ stdout: '\n', stderr: '' })
})

test('a compose file that does not is found', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'compose-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const broken = (await read('compose.yaml')).replace('condition: service_healthy', 'condition: service_well')
  await writeFile(join(folder, 'compose.yaml'), broken)

  await expect(lint(join(folder, 'compose.yaml'))).rejects.toThrow()
})

test('images are of one version each', () => {
  const images = all.flatMap(([, { image }]) => image ?? [])
  const bases = [...dockerfile.matchAll(/^FROM (\S+:\S+)/gm)].map(([, image]) => image ?? '')

  expect(images.length).toBeGreaterThan(2)
  for (const image of [...images, ...bases]) expect(image).toMatch(/:\d+(\.\d+)*(\.\d+|-CU\d+)[\w.-]*$/)
})

test('a service starts when those that it needs are healthy, which they tell', () => {
  const needed = all.flatMap(([, { depends_on }]) => Object.entries(depends_on))
  const healthy = needed.filter(([, { condition }]) => condition === 'service_healthy').map(([name]) => name)
  const tells = ([name, { healthcheck, build }]: (typeof all)[number]) => {
    const [, stage = ''] = dockerfile.split(`AS ${build?.target}\n`)
    return healthcheck || stage.split(/^FROM /m)[0]?.includes('HEALTHCHECK') ? name : []
  }

  expect(all.flatMap(tells)).toEqual(expect.arrayContaining(healthy))
  // Its image has nothing that could ask; another asks, for whom it need only have started.
  expect(needed.filter(([name]) => !healthy.includes(name)).map(([name]) => name)).toEqual(['servicebus'])
})

test('the network of azurite has all ports of the settings, on this machine alone', async () => {
  const ports = all.flatMap(([name, { ports }]) => (name === 'azurite' ? ports : []))
  const settings = await read('local.settings.sample.json')
  const used = new Set([...settings.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port)))

  expect(ports).toEqual(expect.arrayContaining([...used].map((port) => `127.0.0.1:${port}:${port}`)))
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/)
  expect(all.filter(([name, each]) => each.ports.length > 0 && name !== 'azurite')).toEqual([])
})

test('nothing of ours runs as root', () => {
  for (const stage of ['app', 'local']) expect(dockerfile).toContain(`FROM runtime AS ${stage}\n`)
  const [, runtime = ''] = dockerfile.split('AS runtime\n')
  expect(runtime.split(/^FROM /m)[0]).toMatch(/^USER node$/m)
  expect(runtime).not.toMatch(/^USER (?!node$)/m)
})
