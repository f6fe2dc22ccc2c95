import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { dropFile, letThrough, sentPart } from '../support/consolePages.js'
import { button, consoleWorld, heading, isChromiumMissing } from '../support/consoleWorld.js'
import { OWNER, RESOURCE } from '../support/journey.js'

const MIB = 2 ** 20
const POLLING = { timeout: 120_000 }

describe.skipIf(isChromiumMissing)('a queue of the console in Chromium', () => {
  const { open, fileOf, clientOf } = consoleWorld()
  const hasSent = (page: Page, part: number) => expect.poll(() => sentPart(page), POLLING).toBe(part)

  test('does not send anew what was cancelled elsewhere', async () => {
    const { page, close } = await open('#/send')
    await letThrough(page, 6)
    await dropFile(page, '#file', await fileOf('angret.zip', 25 * MIB))
    await page.getByLabel('Fjord Regnskap AS').check()
    await button(page, 'Send fil').click()
    await hasSent(page, 6 / 25)
    const other = await page.context().newPage()
    await other.goto(page.url())
    await heading(other, 'Send fil').waitFor()
    await page.close()

    const { broker } = clientOf(OWNER)
    const sent = () => Array.fromAsync(broker.searchFileTransfers({ resourceId: RESOURCE, role: 'Sender' }))
    const [id = ''] = await sent()
    await broker.cancelFileTransfer(id)
    await other.reload()

    const alert = other.getByRole('alert')
    await alert.getByText('angret.zip ble ikke sendt').waitFor(POLLING)
    await alert.getByText('Avsenderen avbrøt filoverføringen').waitFor()
    expect(await sent()).toEqual([id])
    await close()
  })

  test('is not lost with the token', async () => {
    const { page, close } = await open('#/send')
    await letThrough(page, 2)
    for (const name of ['en.bin', 'to.bin']) await dropFile(page, '#file', await fileOf(name, 5 * MIB))
    await page.getByText('2 filer, 10 MiB i alt').waitFor()
    await page.getByLabel('Fjord Regnskap AS').check()
    await button(page, 'Send 2 filer').click()
    await hasSent(page, 2 / 5)
    await page.route('**/filetransfer', (route) =>
      route.fulfill({ status: 401, headers: { 'access-control-allow-origin': '*' } }),
    )
    await letThrough(page, Number.POSITIVE_INFINITY)

    await page.getByRole('alert').getByText('to.bin ble ikke sendt').waitFor(POLLING)
    await page.getByText('koble til med et nytt token').waitFor()
    await heading(page, 'en.bin er sendt').waitFor(POLLING)
    await page.unroute('**/filetransfer')
    await page.reload()
    await heading(page, 'to.bin er sendt').waitFor(POLLING)
    await close()
  })

  test('keeps the focus on what is pressed', async () => {
    const { page, close } = await open('#/send')
    const focused = () => page.evaluate('document.activeElement.textContent || document.activeElement.id')
    await letThrough(page, 2)
    await page.locator('#file').setInputFiles([await fileOf('a.bin', 5 * MIB), await fileOf('b.bin', 5 * MIB)])
    await button(page, 'Fjern a.bin').press('Enter')
    await expect.poll(focused).toBe('file')
    await page.getByLabel('Fjord Regnskap AS').check()
    await button(page, 'Send fil').click()
    await hasSent(page, 2 / 5)

    await button(page, 'Pause').press('Enter')
    await heading(page, 'b.bin er satt på pause').waitFor()
    expect(await focused()).toBe('Fortsett')
    await button(page, 'Fortsett').press('Enter')
    await heading(page, 'Sender b.bin').waitFor()
    expect(await focused()).toBe('Pause')
    await close()
  })
})
