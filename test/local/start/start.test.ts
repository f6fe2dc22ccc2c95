import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { projectRoot } from '../../../local/paths.js'
import { assertFree, freePorts, type Ports } from '../../../local/ports.js'
import { commands } from '../../../local/start/usage.js'
import { hasPowerShell } from '../../support/otherPrograms.js'
import { until } from '../../support/until.js'

const environment = ({ app, altinn, console, blob, queue, table, bus }: Ports) => ({
  ...process.env,
  LOCAL_HOST: 'embedded',
  APP_PORT: `${app}`,
  ALTINN_PORT: `${altinn}`,
  CONSOLE_PORT: `${console}`,
  BLOB_PORT: `${blob}`,
  QUEUE_PORT: `${queue}`,
  TABLE_PORT: `${table}`,
  BUS_PORT: `${bus}`,
})

/** `npm start` as a newcomer runs it; what it has printed, and when it has ended. */
function npmStart(ports: Ports, ...args: string[]) {
  const npm = spawn('npm', ['start', '--', ...args], { cwd: projectRoot, env: environment(ports), detached: true })
  onTestFinished(() => void endGroup(npm))
  let printed = ''
  for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (text) => (printed += text))
  return {
    npm,
    printed: () => printed,
    says: (text: string | RegExp) => until(() => expect(printed).toMatch(text)),
    ended: once(npm, 'close'),
  }
}

function endGroup({ pid = 0 }: ChildProcess) {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

const nothingIsLeft = (ports: Ports) => until(() => assertFree(ports))
const dataIn = (ports: Ports) => {
  const folder = join(projectRoot, '.local')
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(`-${ports.blob}`)) : []
}

describe('npm start', () => {
  test('names every port that is taken before it builds anything', async () => {
    const ports = await freePorts()
    const others = [ports.altinn, ports.bus].map((port) => createServer().listen(port, '127.0.0.1'))
    await Promise.all(others.map((each) => once(each, 'listening')))

    const { printed, ended } = npmStart(ports)

    expect((await ended)[0]).toBe(1)
    for (const other of others) other.close()
    expect(printed()).toContain(
      `Port ${ports.altinn} for the Altinn simulator is taken. Stop what uses it, or set ALTINN_PORT`,
    )
    expect(printed()).toContain(`Port ${ports.bus} for the Service Bus is taken. Stop what uses it, or set BUS_PORT`)
    expect(printed()).toContain('lsof -i :PORT')
    expect(printed()).not.toMatch(/Building|Starting/)
  })

  test('prints commands that work when they are pasted, brings the app back, and leaves nothing', async () => {
    const ports = await freePorts()
    const base = `http://127.0.0.1:${ports.altinn}`
    const { npm, printed, says, ended } = npmStart(ports)
    await says('What to try next')
    const lines = commands('shell', base)
    expect(printed()).toContain(lines)
    expect(await (await fetch(`${base}/try`)).text()).toContain(lines)

    expect(await (await fetch(`${base}/try/sh`)).text()).toBe(lines)
    const { stdout } = await promisify(execFile)('sh', ['-c', lines])
    expect(stdout).toContain('"fileTransferStatus":"Published"')
    expect(stdout).toContain('Hello, Altinn\n')
    expect(stdout).toMatch(/204\n$/)
    await says(/^\d\d:\d\d:\d\d .*published/m)
    expect(printed()).not.toContain('"level"')

    const [, pid = ''] = /embedded host, process (\d+)/.exec(printed()) ?? []
    process.kill(Number(pid), 'SIGKILL')
    await says('The app has ended (SIGKILL). It starts again')
    await says('The app is running again')
    expect((await fetch(`http://127.0.0.1:${ports.app}/health`)).status).toBe(200)

    npm.kill('SIGTERM')
    await ended
    expect(printed()).toContain('Stopped.')
    await nothingIsLeft(ports)
    expect(dataIn(ports)).toEqual([])
  })

  test('ends with words when a part ends that the app needs', async () => {
    const ports = await freePorts()
    const { says, ended } = npmStart(ports, '--log', 'json')
    await says('What to try next')
    await says(/^app: \{.*"level":"info"/m)

    const pid = execFileSync('pgrep', ['-f', `azurite.js --blobPort ${ports.blob}`], { encoding: 'utf8' })
    process.kill(Number(pid), 'SIGKILL')

    expect((await ended)[0]).toBe(1)
    await says('azurite has ended (SIGKILL), and the rest needs it. Everything stops.')
    await nothingIsLeft(ports)
  })
})

test.runIf(hasPowerShell)('the commands for PowerShell work when they are pasted', async () => {
  const ports = await freePorts()
  const { npm, says, ended } = npmStart(ports)
  await says('What to try next')

  const base = `http://127.0.0.1:${ports.altinn}`
  const lines = await (await fetch(`${base}/try/ps1`)).text()
  expect(lines).toBe(commands('powerShell', base))
  const { stdout } = await promisify(execFile)('pwsh', ['-NoProfile', '-Command', lines])

  expect(stdout).toContain('Published')
  expect(stdout).toContain('Hello, Altinn')
  npm.kill('SIGTERM')
  await ended
})
