import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAzurite } from '../../../local/azurite/azurite.js'
import { type StackProcess, startProcess } from '../../../local/childProcess.js'
import { runDemo } from '../../../local/demo/runDemo.js'
import { program, projectRoot } from '../../../local/paths.js'
import { freePorts, type Ports } from '../../../local/ports.js'
import { onPorts, sampleSettings } from '../../../local/settings.js'
import { until } from '../../support/until.js'

// What the images hold, started as they start it, in folders of this machine and with the emulators of npm start.

let folder: string
let ports: Ports
const emulators: StackProcess[] = []
const containers: ChildProcess[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'containers-'))
  const main = join(projectRoot, 'tools/deployment/container.ts')
  await promisify(execFile)(process.execPath, [main, folder], { cwd: projectRoot })
  ports = await freePorts()
  const settings = onPorts(await sampleSettings(), ports)
  for (const name of ['app', 'local']) {
    await rm(join(folder, name, 'local.settings.json'))
    await symlink(join(folder, 'local.settings.json'), join(folder, name, 'local.settings.json'))
  }
  await writeFile(join(folder, 'local/local.settings.sample.json'), JSON.stringify({ Values: settings }))
  const onLine = () => {}
  const bus = { name: 'bus', file: program('local/serviceBus/main.js'), args: [`${ports.bus}`], env: settings, onLine }
  emulators.push(await startProcess(bus))
  emulators.push(await startAzurite({ ports, settings, data: 'memory', log: onLine, onBlobCommitted: onLine }))
})
afterAll(async () => {
  for (const each of containers) each.kill('SIGKILL')
  await Promise.all(emulators.map((each) => each.stop()))
  await rm(folder, { recursive: true, force: true })
})

/** Starts what the stage of the Dockerfile starts, on other ports. Resolves when its health check passes. */
async function start(stage: 'app' | 'local', env: Record<string, string>) {
  const [, text = ''] = (await readFile(join(projectRoot, 'Dockerfile'), 'utf8')).split(`AS ${stage}\n`)
  const moved = (line: string) =>
    line.replace(/\b707[13]\b/, (port) => `${port === '7071' ? ports.app : ports.console}`)
  const commandIn = (instruction: RegExp): string[] => JSON.parse(moved(instruction.exec(text)?.[1] ?? ''))
  const [, ...command] = commandIn(/^CMD (.*)$/m)
  const child = spawn(process.execPath, command, {
    cwd: join(folder, stage),
    env: { PATH: process.env.PATH, NODE_OPTIONS: '--max-http-header-size=65536', ...env },
  })
  containers.push(child)
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (line) => (printed += line))
  const [, ...check] = commandIn(/^HEALTHCHECK .*CMD (.*)$/m)
  await until(async () => {
    if (child.exitCode !== null) expect.unreachable(`${stage} has ended: ${printed}`)
    await promisify(execFile)(process.execPath, check)
  })
  return child
}

test('a file goes all the way through the containers, which end when they are told to', async () => {
  const moved = { APP_PORT: `${ports.app}`, ALTINN_PORT: `${ports.altinn}`, CONSOLE_PORT: `${ports.console}` }
  const local = await start('local', moved)
  const app = await start('app', { CORS_ORIGINS: `http://127.0.0.1:${ports.console}` })
  const file = join(folder, 'hei.txt')
  await writeFile(file, 'Hei, containere!')

  let printed = ''
  const altinn = `http://127.0.0.1:${ports.altinn}`
  await runDemo({ app: altinn, altinn }, file, { write: (text) => (printed += text) })

  expect(printed).toContain('MD5')
  expect((await fetch(`http://127.0.0.1:${ports.console}/local.json`)).status).toBe(200)
  for (const container of [app, local]) {
    const ended = once(container, 'exit')
    container.kill('SIGTERM')
    expect((await ended)[0]).toBe(0)
  }
})
