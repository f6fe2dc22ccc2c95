import { describe, expect, test } from 'vitest'
import { reminderText } from '../../clients/console/src/format/reminderText.js'
import { en } from '../../clients/console/src/texts/en.js'
import { nb } from '../../clients/console/src/texts/nb.js'
import { expectAccessible } from '../support/consolePages.js'
import { consoleWorld, heading, isChromiumMissing } from '../support/consoleWorld.js'
import { KARI, OLA, OWNER } from '../support/journey.js'

const POLLING = { timeout: 120_000 }
/** With usual spaces instead of those that do not break. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')

describe('a reminder in words', () => {
  test.each([
    ['P7D', '7 days after the file was ready for download', '7 døgn etter at filen ble klar for nedlasting'],
    ['-P1DT12H', '1 day, 12 hours before the file is deleted', '1 døgn, 12 timer før filen slettes'],
    ['PT5M', '5 minutes after the file was ready for download', '5 minutter etter at filen ble klar for nedlasting'],
    ['P1W', 'P1W after the file was ready for download', 'P1W etter at filen ble klar for nedlasting'],
  ])('%s', (reminder, english, norwegian) => {
    expect(plain(reminderText(reminder, en))).toBe(english)
    expect(plain(reminderText(reminder, nb))).toBe(norwegian)
  })
})

describe.skipIf(isChromiumMissing)('the console in Chromium', () => {
  const world = consoleWorld()

  test('shows the reminders to come, and those that were sent', async () => {
    const { broker } = world.clientOf(OWNER)
    await broker.configureResource('new-console-reminders', { reminders: ['PT1S', 'P7D', '-P2D'] })
    const sending = { resourceId: 'new-console-reminders', sender: OWNER, sendersFileTransferReference: 'påminnelse' }
    const file = { ...sending, recipients: [KARI, OLA], fileName: 'årsregnskap.txt' }
    const { fileTransferId } = await broker.send(new Blob(['a']), file)
    const { page, troubles, close } = await world.open(`#/transfer/${fileTransferId}`)
    await heading(page, 'årsregnskap.txt').waitFor(POLLING)

    await expect
      .poll(async () => {
        await fetch(`${world.stack.urls.app}/admin/functions/maintain`, { method: 'POST', body: '{"input":""}' })
        return (await broker.getFileTransferDetails(fileTransferId)).reminderHistory?.length
      }, POLLING)
      .toBe(1)

    await page.getByText(/^Påminnelse ble sendt til .+, .+/).waitFor(POLLING)
    const about = page.getByRole('region', { name: 'Om filen' })
    await about.getByText('7 døgn etter at filen ble klar for nedlasting').waitFor(POLLING)
    await about.getByText('2 døgn før filen slettes').waitFor(POLLING)
    await about.getByText(/^Neste påminnelse: /).waitFor(POLLING)
    const events = page.getByRole('region', { name: 'Hendelser' })
    await events.getByText('downloadreminder').first().waitFor(POLLING)
    await expectAccessible(page)
    expect(troubles).toEqual([])
    await close()
  })
})
