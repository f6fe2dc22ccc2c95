import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { chooseHost } from '../../../local/appHost.js'
import { projectRoot } from '../../../local/paths.js'
import { type Stack, startStack } from '../../../local/stack.js'
import { type FuncStart, standInForCoreTools } from '../../support/coreTools.js'

afterEach(() => vi.unstubAllEnvs())

describe('the host', () => {
  test.each(['func', 'embedded'])('is %s where LOCAL_HOST says so, whatever there is', async (host) => {
    vi.stubEnv('PATH', '')

    expect(await chooseHost(host)).toBe(host)
  })

  test('refuses an unknown name', async () => {
    await expect(chooseHost('docker')).rejects.toThrow('LOCAL_HOST is "docker"; it can be "func" or "embedded".')
  })

  test('is our own without Core Tools', async () => {
    vi.stubEnv('PATH', '')

    expect(await chooseHost('')).toBe('embedded')
  })

  test('is Core Tools by itself only after a file went all the way under them', async () => {
    const func = await standInForCoreTools()
    try {
      vi.stubEnv('PATH', func.path)
      expect(await chooseHost('')).toBe('embedded')

      const env = { ...process.env, LOCAL_HOST: 'func', APP_PORT: '9', ALTINN_PORT: '9' }
      const { stdout } = await promisify(execFile)(process.execPath, ['dist/local/demo.js'], { env })

      expect(stdout).toMatch(/The app held at most \d+ MiB/)
      expect(await chooseHost('')).toBe('func')
    } finally {
      await func.remove()
    }
  })

  test('is our own when Core Tools do not start the app, also after a demo that failed', {
    timeout: 120_000,
  }, async () => {
    const func = await standInForCoreTools({ start: false })
    try {
      vi.stubEnv('PATH', func.path)
      const env = { ...process.env, LOCAL_HOST: 'func', APP_PORT: '9', ALTINN_PORT: '9' }
      const demo = promisify(execFile)(process.execPath, ['dist/local/demo.js'], { env })

      await expect(demo).rejects.toThrow('app did not start')
      expect(await chooseHost('')).toBe('embedded')
    } finally {
      await func.remove()
    }
  })
})

describe('the app under Core Tools', () => {
  let func: Awaited<ReturnType<typeof standInForCoreTools>>
  let stack: Stack
  let start: FuncStart
  const usePath = () => vi.stubEnv('PATH', func.path).stubEnv('LOCAL_HOST', 'func')
  beforeEach(usePath)
  beforeAll(async () => {
    func = await standInForCoreTools()
    usePath()
    stack = await startStack({ ports: 'free', settings: { RATE_LIMITS: 'getFileTransferDetails=3' } })
    start = await func.start()
  })
  afterAll(async () => {
    await stack?.stop()
    await func?.remove()
  })

  test('runs in a folder of its own, which holds the package and no sources', () => {
    expect(start.cwd.startsWith(projectRoot)).toBe(false)
    expect(readdirSync(start.cwd).sort()).toEqual(['dist', 'host.json', 'node_modules', 'package.json'])
    expect(readdirSync(join(start.cwd, 'node_modules'))).toEqual(['swagger-ui-dist'])
    expect(existsSync(join(start.cwd, 'dist/main.mjs'))).toBe(true)
  })

  test('is started on its port, with the settings of the stack in the environment', () => {
    expect(start.args).toEqual(['start', '--port', `${stack.ports.app}`])
    expect(start.env).toMatchObject(stack.settings)
    expect(start.env).toMatchObject({ FUNCTIONS_WORKER_RUNTIME: 'node', RATE_LIMITS: 'getFileTransferDetails=3' })
  })

  test('is measured in the process of its worker, after a restart too', async () => {
    expect(stack.appPid).toBe(start.workerPid)

    await stack.killApp()
    expect(stack.appPid).toBeUndefined()
    await stack.startApp()

    const restarted = await func.start()
    expect(restarted).toMatchObject({ cwd: start.cwd, args: start.args })
    expect(stack.appPid).toBe(restarted.workerPid)
    expect(restarted.workerPid).not.toBe(start.workerPid)
  })

  test('leaves no folder and no process behind', async () => {
    const { cwd } = await func.start()

    await stack.stop()

    expect(existsSync(cwd)).toBe(false)
    await expect(fetch(stack.urls.app)).rejects.toThrow()
  })
})
