import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Stack } from '../../local/stack.js'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** A page of the console, and all that a good page does not do. */
export type ConsolePage = { page: Page; troubles: string[]; close(): Promise<void> }

/** Opens the console in a browser of its own user, who reads Norwegian. */
export async function openConsole(
  browser: Browser,
  { urls }: Stack,
  hash = '#/inbox',
  options: BrowserContextOptions = {},
): Promise<ConsolePage> {
  const context = await browser.newContext({ locale: 'nb-NO', timezoneId: 'Europe/Oslo', ...options })
  const page = await context.newPage()
  const origins = Object.values(urls)
  const troubles: string[] = []
  page.on('console', (message) => {
    // The page shows the refusals of Broker; the browser logs each, too.
    const isRefusal =
      message.location().url.startsWith(urls.app) && message.text().includes('the server responded with')
    if (['error', 'warning'].includes(message.type()) && !isRefusal) troubles.push(message.text())
  })
  page.on('pageerror', (error) => troubles.push(error.message))
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (protocol !== 'blob:' && !origins.includes(origin)) troubles.push(`asks ${request.url()}`)
  })
  await page.addInitScript(
    "addEventListener('securitypolicyviolation', (event) => console.error('forbidden:', event.violatedDirective))",
  )
  await page.addInitScript(GATE)
  await page.goto(`${urls.console}/${hash}`)
  return { page, troubles, close: () => context.close() }
}

/** Becomes another organisation of the local world. */
export const actAs = async (page: Page, organization: string) => {
  await page.getByLabel('Du opptrer som').selectOption(organization)
}

/** Runs in the page, before its own scripts: the requests that bring bytes wait for `letThrough`. */
const GATE = `
  let left = Infinity
  const waiting = new Set()
  globalThis.letThrough = (count) => {
    left = count
    for (const look of waiting) look()
  }
  const usualFetch = fetch
  globalThis.fetch = async (url, init) => {
    if (init?.method === 'PATCH') {
      while (left === 0) {
        await new Promise((look) => {
          waiting.add(look)
          init.signal.addEventListener('abort', look)
        })
        init.signal.throwIfAborted()
      }
      left -= 1
    }
    return usualFetch(url, init)
  }
`

/** Lets this many more uploads pass, and holds the next, until it is called again or the page reloads. */
export const letThrough = (page: Page, count: number): Promise<void> => page.evaluate(`letThrough(${count})`)

/** Drops a file there, as from the desktop. */
export async function dropFile(page: Page, selector: string, path: string): Promise<void> {
  const { x, y, width, height } = (await page.locator(selector).boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
  const session = await page.context().newCDPSession(page)
  const dragged = { x: x + width / 2, y: y + height / 2, data: { items: [], files: [path], dragOperationsMask: 1 } }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, ...dragged })
  }
}

/** How much of a file is sent, from 0 to 1. */
export const sentPart = (page: Page): Promise<number> =>
  page.locator('progress').evaluate((bar: { value: number; max: number }) => bar.value / bar.max)

/** Nothing is wrong with the page that axe can see. */
export async function expectAccessible(page: Page): Promise<void> {
  // What fades in has not got its colours yet; what goes meanwhile cancels its animation.
  await page.evaluate('Promise.allSettled(document.getAnimations().map(({ finished }) => finished))')
  // Its own world: what is evaluated there the page's Content-Security-Policy does not forbid.
  await page.evaluate(AXE)
  const found = (await page.evaluate('axe.run()')) as AxeResults
  const violations = found.violations.map(
    ({ id, help, nodes }) => `${id}: ${help} ${nodes.map(({ html }) => html).join(' ')}`,
  )
  expect(violations).toEqual([])
}
