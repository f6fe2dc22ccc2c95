import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { actAs, dropFile, expectAccessible, letThrough, sentPart } from '../support/consolePages.js'
import { button, consoleWorld, heading, isChromiumMissing } from '../support/consoleWorld.js'
import { KARI, OWNER, RESOURCE } from '../support/journey.js'

const MIB = 2 ** 20
const POLLING = { timeout: 120_000 }

describe.skipIf(isChromiumMissing)('sending by the console in Chromium', () => {
  const world = consoleWorld()
  const { open, fileOf, md5Of, clientOf } = world
  const hasSent = (page: Page, part: number) => expect.poll(() => sentPart(page), POLLING).toBe(part)

  test('sends 25 MiB with a pause and over a reload, and the recipient gets them', async () => {
    const path = await fileOf('regnskap.zip', 25 * MIB)
    const sender = await open('#/send')
    const { page } = sender
    await letThrough(page, 6)

    await page.locator('#file').setInputFiles(path)
    await page.getByText('Valgt: regnskap.zip (25 MiB)').waitFor()
    await page.getByLabel('Fjord Regnskap AS').check()
    await button(page, 'Send fil').click()
    await hasSent(page, 6 / 25)
    await button(page, 'Pause').click()
    await heading(page, 'regnskap.zip er satt på pause').waitFor()
    await expectAccessible(page)
    await button(page, 'Fortsett').click()
    await letThrough(page, 5)
    await hasSent(page, 11 / 25)
    // The page asks before it is left.
    page.once('dialog', (dialog) => void dialog.accept())
    await page.reload()
    await page.getByText(/^regnskap\.zip ble ikke ferdig \(44\s%\)/).waitFor()
    await page.getByLabel('Slipp de samme filene her').setInputFiles(await fileOf('annen.zip', 1))
    await page.getByText('annen.zip: dette er en annen fil').waitFor()
    await letThrough(page, 0)
    await page.getByLabel('Slipp de samme filene her').setInputFiles(path)
    await hasSent(page, 11 / 25)
    await letThrough(page, Number.POSITIVE_INFINITY)
    await heading(page, 'regnskap.zip er sendt').waitFor(POLLING)
    await page.getByRole('link', { name: 'Vis filoverføringen' }).click()
    await page.locator('[data-status=Published]').first().waitFor()

    const recipient = await open()
    await actAs(recipient.page, KARI)
    await recipient.page.getByRole('link', { name: 'regnskap.zip' }).click()
    const download = recipient.page.waitForEvent('download')
    await button(recipient.page, 'Last ned').click()
    const received = await (await download).path()
    await recipient.page.getByRole('main').getByText('MD5 stemmer').waitFor()
    await button(recipient.page, 'Bekreft mottak').click()
    await recipient.page.locator('.title [data-status=AllConfirmedDownloaded]').waitFor(POLLING)

    expect(await md5Of(received)).toBe(await md5Of(path))
    expect(await recipient.page.locator('.title').textContent()).toContain('AllConfirmedDownloaded')
    // Another user sees it too, with its history and its events.
    await page.locator('.title [data-status=AllConfirmedDownloaded]').waitFor(POLLING)
    const happened = await page.getByRole('region', { name: 'Tidslinje' }).getByRole('listitem').allTextContents()
    expect(happened.map((text) => text.replace(/\d.*/, ''))).toEqual([
      'Filoverføringen ble opprettet',
      'Opplastingen startet',
      'Filen ble mottatt og kontrolleres',
      'Filen ble klar for nedlasting',
      'Fjord Regnskap AS startet nedlasting',
      'Fjord Regnskap AS bekreftet mottak',
      'Alle mottakere har bekreftet',
    ])
    const events = page.getByRole('region', { name: 'Hendelser' })
    await expect.poll(() => events.getByText('Levert').count(), POLLING).toBe(7)
    const { broker } = clientOf(OWNER)
    const sent = await Array.fromAsync(broker.searchFileTransfers({ resourceId: RESOURCE, role: 'Sender' }))
    expect(sent).toHaveLength(1)
    expect([...sender.troubles, ...recipient.troubles]).toEqual([])
    await Promise.all([sender.close(), recipient.close()])
  })

  test('cancels a sending, but asks first', async () => {
    const { page, troubles, close } = await open('#/send')
    await letThrough(page, 0)
    await page.locator('#file').setInputFiles(await fileOf('feil.zip', 20 * MIB))
    await page.getByLabel('Fjord Regnskap AS').check()
    await button(page, 'Send fil').click()
    await page.getByRole('link', { name: 'Vis filoverføringen' }).click()

    const ask = button(page, 'Avbryt filoverføringen')
    await ask.click()
    await page.getByRole('dialog').waitFor()
    await expectAccessible(page)
    await page.getByRole('dialog').getByRole('button', { name: 'Nei, fortsett' }).click()
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await ask.click()
    await page.getByRole('dialog').getByRole('button', { name: 'Ja, avbryt den' }).click()

    await page.getByText('Avsenderen avbrøt filoverføringen').waitFor(POLLING)
    expect(await ask.count()).toBe(0)
    await page.getByRole('link', { name: 'Send fil' }).click()
    await page.getByText('Slipp filer her').waitFor()
    expect(troubles).toEqual([])
    await close()
  })

  test('goes on by itself after a reload where the browser keeps the file, one file after the other', async () => {
    const { page, troubles, close } = await open('#/send')
    await letThrough(page, 6)
    for (const name of ['den-ene.zip', 'den-andre.zip']) {
      // Where the locale is POSIX, Chromium drops no file whose path has other letters than those of ASCII.
      await dropFile(page, '#file', await fileOf(name, 25 * MIB))
      await page.getByText(name).first().waitFor(POLLING)
    }
    await page.getByLabel('Fjord Regnskap AS').check()
    await page.reload()
    await page.getByText('2 filer, 50 MiB i alt').waitFor(POLLING)
    expect(await page.getByLabel('Fjord Regnskap AS').isChecked()).toBe(true)

    await letThrough(page, 6)
    await button(page, 'Send 2 filer').click()
    await hasSent(page, 6 / 25)
    await heading(page, 'den-andre.zip står i kø').waitFor()
    const asks = page.waitForEvent('dialog')
    const reloaded = page.reload()
    await (await asks).accept()
    await reloaded

    await heading(page, 'den-ene.zip er sendt').waitFor(POLLING)
    await heading(page, 'den-andre.zip er sendt').waitFor(POLLING)
    expect((await asks).type()).toBe('beforeunload')
    expect(troubles).toEqual([])
    await close()
  })

  test('waits for the network, and goes on when it is back', async () => {
    const { page, close } = await open('#/send')
    await letThrough(page, 6)
    await page.locator('#file').setInputFiles(await fileOf('langsom.zip', 25 * MIB))
    await page.getByLabel('Fjord Regnskap AS').check()
    await button(page, 'Send fil').click()
    await hasSent(page, 6 / 25)

    await page.context().setOffline(true)
    await letThrough(page, Number.POSITIVE_INFINITY)
    await heading(page, 'langsom.zip venter på nettet').waitFor(POLLING)
    await expectAccessible(page)
    await page.context().setOffline(false)
    await heading(page, 'langsom.zip er sendt').waitFor(POLLING)
    await close()
  })

  test('outlives the death of the app', async () => {
    const { page, close } = await open('#/send')
    await letThrough(page, 6)
    await page.locator('#file').setInputFiles(await fileOf('seig.zip', 25 * MIB))
    await page.getByLabel('Fjord Regnskap AS').check()
    await button(page, 'Send fil').click()
    await hasSent(page, 6 / 25)

    await world.stack.killApp()
    await letThrough(page, Number.POSITIVE_INFINITY)
    await heading(page, 'seig.zip venter på nettet').waitFor(POLLING)
    await world.stack.startApp()
    await heading(page, 'seig.zip er sendt').waitFor(POLLING)
    await close()
  }, 180_000)

  test('is done by one tab alone, and by another when that is closed', async () => {
    const { page, close } = await open('#/send')
    await letThrough(page, 6)
    await dropFile(page, '#file', await fileOf('delt.zip', 25 * MIB))
    await page.getByLabel('Fjord Regnskap AS').check()
    await button(page, 'Send fil').click()
    await hasSent(page, 6 / 25)

    const other = await page.context().newPage()
    await other.goto(page.url())
    await other.getByText('Slipp filer her').waitFor()
    expect(await heading(other, /delt\.zip/).count()).toBe(0)
    await page.close()
    await other.reload()
    await heading(other, 'delt.zip er sendt').waitFor(POLLING)
    await close()
  })

  test('can be tried again where that can help', async () => {
    const { page, close } = await open('#/send')
    await page.locator('#file').setInputFiles(await fileOf('igjen.txt', 10))
    await page.getByLabel('Fjord Regnskap AS').check()
    await page.route('**/upload', (route) =>
      route.fulfill({ status: 500, headers: { 'access-control-allow-origin': '*' } }),
    )
    await button(page, 'Send fil').click()

    await page.getByRole('alert').getByText('igjen.txt ble ikke sendt').waitFor(POLLING)
    await page.unroute('**/upload')
    await button(page, 'Prøv igjen').click()
    await heading(page, 'igjen.txt er sendt').waitFor(POLLING)
    await close()
  })
})
