import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { promisify } from 'node:util'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runDemo } from '../../local/demo/runDemo.js'
import { type Journey, KARI, OWNER, startJourney } from '../support/journey.js'
import { answerTo, head } from '../support/rawCall.js'
import { tusCalls } from '../support/tusCalls.js'

let folder: string
let journey: Journey
let printed: string
let content: Record<string, Uint8Array>
const logged: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'broker-package-'))
  printed = (await promisify(execFile)(process.execPath, ['dist/tools/package.js', folder])).stdout
  content = unzipSync(await readFile(join(folder, 'app.zip')))
  for (const [name, bytes] of Object.entries(content)) {
    await mkdir(dirname(join(folder, 'unpacked', name)), { recursive: true })
    await writeFile(join(folder, 'unpacked', name), bytes)
  }
  journey = await startJourney({}, { appFolder: join(folder, 'unpacked'), log: (line) => logged.push(line) })
})
afterAll(async () => {
  await journey?.end()
  await rm(folder, { recursive: true, force: true })
})

describe('the package for Azure', () => {
  test('holds what runs, and nothing else', () => {
    const names = Object.keys(content)

    expect(names).toEqual(expect.arrayContaining(['host.json', 'package.json', 'dist/main.mjs']))
    for (const name of names) expect(name).toMatch(/^(host|package)\.json$|^dist\/|^node_modules\/swagger-ui-dist\//)
    expect(printed).toMatch(/^\S+app\.zip: \d+ files, [\d.]+ MiB, unpacked [\d.]+ MiB\n$/)
  })

  test('has the settings of the host, and so no time-out for functions', () => {
    const hostJson = JSON.parse(Buffer.from(content['host.json'] ?? []).toString())

    expect(hostJson).toMatchObject({ functionTimeout: '-1', extensions: { http: { routePrefix: '' } } })
  })

  test('says which release it is, and which commit it was made from', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'))
    const { commit } = JSON.parse(Buffer.from(content['package.json'] ?? []).toString())
    const head = (await promisify(execFile)('git', ['rev-parse', 'HEAD'])).stdout.trim()

    const health = await fetch(`${journey.stack.urls.app}/health`)

    expect(health.headers.get('x-broker-version')).toBe(`${version}+${commit}`)
    expect(await health.text()).toBe('Broker is up.')
    expect([head, `${head}-dirty`]).toContain(commit)
    expect(logged.find((line) => line.includes('"app.started"'))).toMatch(
      new RegExp(`"version":"${version}","commit":"${commit}"`),
    )
  })

  test('runs by itself: a file is sent, received and confirmed', async () => {
    const file = join(folder, 'søknad.txt')
    await writeFile(file, 'hello')
    const output = new PassThrough()
    const lines = output.setEncoding('utf8').toArray()

    await runDemo(journey.stack.urls, file, output)
    output.end()

    expect((await lines).join('')).toContain('AllConfirmedDownloaded')
  })

  test('takes a file by TUS, in pieces', async () => {
    const tus = tusCalls(journey, await journey.token(OWNER, 'altinn:broker.write'))
    const { id, path } = await tus.initializeWithUpload(11)

    await tus.patch(path, 0, 'hello ')
    await tus.patch(path, 6, 'world')

    await journey.reached(id, 'Published')
    expect(await (await journey.download(KARI, id)).text()).toBe('hello world')
  })

  test('prepares the server of its worker', async () => {
    const expecting = head('GET /health HTTP/1.1', { host: 'x', connection: 'close', expect: 'banana' })

    expect((await answerTo(journey.stack.urls.app, expecting)).status).toBe(200)
  })

  test('has the pages that it serves', async () => {
    const docs = `${journey.stack.urls.app}/broker/api/v1/docs`
    const answers = await Promise.all(
      ['', '/swagger-ui-bundle.js', '/swagger-ui.css'].map((path) => fetch(docs + path)),
    )

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    await Promise.all(answers.map((answer) => answer.arrayBuffer()))
  })
})
