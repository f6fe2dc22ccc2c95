import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { brokerClient } from '../../clients/typescript/src/index.js'
import { type Stack, startStack } from '../../local/stack.js'
import { chromiumPath, launchChromium, NO_CHROMIUM } from '../../tools/chromium.js'
import { openConsole } from './consolePages.js'

/** For `describe.skipIf`. */
export const isChromiumMissing = chromiumPath(process.env) === undefined
if (isChromiumMissing) console.warn(`The console is not tested in a browser. ${NO_CHROMIUM}`)

const SCOPES = 'altinn:broker.write altinn:broker.read altinn:serviceowner'

/** A browser, a stack with a console and a folder, from the first test of the suite to the last. */
export function consoleWorld() {
  let stack: Stack
  let browser: Browser
  let folder: string
  beforeAll(async () => {
    browser = await launchChromium()
    stack = await startStack({ ports: 'free', console: true })
    // The page sets up the resources when it first comes.
    await (await fetch(`${stack.urls.console}/local.json`)).text()
    folder = await mkdtemp(join(tmpdir(), 'console-'))
  })
  afterAll(async () => {
    await browser?.close()
    await stack?.stop()
    if (folder) await rm(folder, { recursive: true })
  })
  return {
    get stack() {
      return stack
    },
    /** The console in a browser of its own user. */
    open: (hash?: string, options?: BrowserContextOptions) => openConsole(browser, stack, hash, options),
    /** The path of a new file. */
    fileOf: async (name: string, content: number | string | Buffer) => {
      const path = join(folder, name)
      await writeFile(path, typeof content === 'number' ? randomBytes(content) : content)
      return path
    },
    md5Of: async (path: string) =>
      createHash('md5')
        .update(await readFile(path))
        .digest('hex'),
    clientOf: (organization: string) => {
      const query = new URLSearchParams({ org: organization, scope: SCOPES })
      const token = async () => (await fetch(`${stack.urls.altinn}/token?${query}`)).text()
      return { token, broker: brokerClient({ baseUrl: stack.urls.app, token }) }
    },
  }
}

export const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name })
export const button = (page: Page | Locator, name: string) => page.getByRole('button', { name, exact: true })
