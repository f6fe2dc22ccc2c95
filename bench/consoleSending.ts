// Whether the console stays smooth while it sends a file, in Chromium: frames a second, the longest time between two
// frames, and tasks of more than 50 ms. Beside it a page at rest. The size in MiB: `node dist/bench/consoleSending.js 1024`.
import { randomFillSync } from 'node:crypto'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { startStack } from '../local/stack.js'
import { launchChromium } from '../tools/chromium.js'

const MIB = 2 ** 20
const SIZE_MIB = Number(process.argv[2] ?? 1024)
const REST_MS = 5000

type Smoothness = { frames: number; longestFrameMs: number; longTasks: number[]; ms: number }

/** Runs in the page: counts from `startMeasuring` to `measured`. */
const METER = `
  let seen, last, from
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen?.longTasks.push(Math.round(duration))
  }).observe({ type: 'longtask' })
  globalThis.startMeasuring = () => {
    seen = { frames: 0, longestFrameMs: 0, longTasks: [] }
    from = last = performance.now()
  }
  globalThis.measured = () => ({ ...seen, ms: performance.now() - from })
  const frame = (now) => {
    if (seen && now > from) {
      seen.frames += 1
      seen.longestFrameMs = Math.max(seen.longestFrameMs, now - last)
    }
    last = now
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
`

async function measure(page: Page, act: () => Promise<void>): Promise<Smoothness> {
  await page.evaluate('startMeasuring()')
  await act()
  return page.evaluate('measured()')
}

function report(what: string, { frames, longestFrameMs, longTasks, ms }: Smoothness): void {
  const tasks = longTasks.length === 0 ? 'no task over 50 ms' : `tasks over 50 ms: ${longTasks.join(', ')}`
  const perSecond = ((frames * 1000) / ms).toFixed(1)
  console.log(`${what}: ${perSecond} frames a second, the longest after ${longestFrameMs.toFixed(0)} ms, ${tasks}`)
}

const folder = await mkdtemp(join(tmpdir(), 'console-bench-'))
const stack = await startStack({ ports: 'free', console: true })
const browser = await launchChromium('nb')
try {
  const path = join(folder, 'large.bin')
  const bytes = randomFillSync(Buffer.alloc(MIB))
  await using file = await open(path, 'w')
  for (let written = 0; written < SIZE_MIB; written++) await file.write(bytes)

  const page = await (await browser.newContext({ locale: 'nb-NO' })).newPage()
  await page.addInitScript(METER)
  await page.goto(`${stack.urls.console}/#/send`)
  await page.locator('#file').setInputFiles(path)
  await page.getByLabel('Fjord Regnskap AS').check()
  report('at rest', await measure(page, () => page.waitForTimeout(REST_MS)))
  const sent = await measure(page, async () => {
    await page.getByRole('button', { name: 'Send fil', exact: true }).click()
    await page.getByRole('heading', { name: 'large.bin er sendt' }).waitFor({ timeout: 170_000 })
  })
  report(`sending ${SIZE_MIB} MiB, ${((SIZE_MIB * MIB) / 1000 / sent.ms).toFixed(0)} MB/s`, sent)
} finally {
  await browser.close()
  await stack.stop()
  await rm(folder, { recursive: true })
}
