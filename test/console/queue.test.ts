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
})
