import { beforeAll, describe, expect, test } from 'vitest'
import { actAs, expectAccessible } from '../support/consolePages.js'
import { button, consoleWorld, heading, isChromiumMissing } from '../support/consoleWorld.js'
import { KARI, OWNER, RESOURCE } from '../support/journey.js'

const POLLING = { timeout: 120_000 }
const REASON = `Feil fil <b>ble</b> sendt, ${'o'.repeat(300)}`

describe.skipIf(isChromiumMissing)('the console in Chromium, of a published file', () => {
  const world = consoleWorld()
  const { open, clientOf } = world
  beforeAll(async () => {
    await (await fetch(`${world.stack.urls.console}/local.json`)).text()
  })
  const sent = async (fileName: string) => {
    const sending = { resourceId: RESOURCE, sender: OWNER, recipients: [KARI], sendersFileTransferReference: fileName }
    return (await clientOf(OWNER).broker.send(new Blob(['a']), { ...sending, fileName })).fileTransferId
  }
  const day = (days: number) => {
    const time = new Date(Date.now() + days * 86_400_000)
    return new Intl.DateTimeFormat('nb', { dateStyle: 'short', timeZone: 'Europe/Oslo' }).format(time)
  }

  test('lets its sender change the expiry, and says beside the field what is wrong', async () => {
    const id = await sent('utløp.txt')
    const { page, troubles, close } = await open('#/outbox')
    await actAs(page, OWNER)
    await page.goto(`${world.stack.urls.console}/#/transfer/${id}`)
    const dialog = page.getByRole('dialog')
    const [date, clock] = [dialog.getByLabel('Dato'), dialog.getByLabel('Klokkeslett')]

    await button(page, 'Endre utløpstid').click()
    await heading(page, 'Når skal filen slettes?').waitFor()
    await expectAccessible(page)
    await date.fill('31.02.2027')
    await button(dialog, 'Lagre').click()
    await dialog.getByText('Skriv datoen som').waitFor()
    await date.fill(day(-1))
    await button(dialog, 'Lagre').click()
    await dialog.getByText('Velg et tidspunkt fram i tid').waitFor()
    await date.fill(day(2))
    await clock.fill('kl. 12')
    await button(dialog, 'Lagre').click()
    await dialog.getByText('Skriv klokkeslettet som').waitFor()
    await clock.fill('12:30')
    await date.fill(day(300))
    await button(dialog, 'Lagre').click()
    await dialog.getByText('Det seneste er').waitFor(POLLING)
    await expectAccessible(page)
    await date.fill(day(2))
    await page.keyboard.press('Enter')

    await page.locator('#main').getByText('Filen blir slettet').waitFor(POLLING)
    await page.getByText('Utløpstiden ble endret til').waitFor(POLLING)
    expect(await dialog.count()).toBe(0)
    const { expirationTime } = await clientOf(OWNER).broker.getFileTransfer(id)
    expect(
      new Intl.DateTimeFormat('nb', { dateStyle: 'short', timeStyle: 'short', timeZone: 'Europe/Oslo' }).format(
        new Date(expirationTime),
      ),
    ).toContain('12:30')
    expect(troubles).toEqual([])
    await close()
  })

  test('lets its sender withdraw it with a reason, which the recipient sees', async () => {
    const id = await sent('trekkes.txt')
    const { page, troubles, close } = await open('#/outbox')
    await actAs(page, OWNER)
    await page.goto(`${world.stack.urls.console}/#/transfer/${id}`)
    const dialog = page.getByRole('dialog')

    await button(page, 'Trekk filen tilbake').click()
    await button(dialog, 'Nei, la filen ligge').click()
    await dialog.waitFor({ state: 'hidden' })
    await button(page, 'Trekk filen tilbake').click()
    await button(dialog, 'Ja, trekk tilbake').click()
    await dialog.getByText('Skriv hvorfor').waitFor()
    await expectAccessible(page)
    await dialog.getByLabel('Begrunnelse').fill(REASON)
    await button(dialog, 'Ja, trekk tilbake').click()

    await page.locator('#main').getByText('Filen er trukket tilbake.').waitFor(POLLING)
    await page.getByText(`Begrunnelse: ${REASON}`).waitFor(POLLING)
    await expectAccessible(page)
    await page.setViewportSize({ width: 360, height: 700 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
    await page.setViewportSize({ width: 1280, height: 720 })
    await actAs(page, KARI)
    await page.goto(`${world.stack.urls.console}/#/transfer/${id}`)
    await page.getByText(`Begrunnelse: ${REASON}`).waitFor(POLLING)
    expect(await button(page, 'Last ned').count()).toBe(0)
    expect(troubles).toEqual([])
    await close()
  })

  test('offers its recipient neither', async () => {
    const id = await sent('andres.txt')
    const { page, close } = await open('#/inbox')
    await actAs(page, KARI)
    await page.goto(`${world.stack.urls.console}/#/transfer/${id}`)

    await button(page, 'Last ned').waitFor(POLLING)
    expect(await button(page, 'Endre utløpstid').count()).toBe(0)
    expect(await button(page, 'Trekk filen tilbake').count()).toBe(0)
    await close()
  })
})
