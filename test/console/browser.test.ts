import { describe, expect, test } from 'vitest'
import { actAs, expectAccessible } from '../support/consolePages.js'
import { button, consoleWorld, heading, isChromiumMissing } from '../support/consoleWorld.js'
import { KARI, OWNER, RESOURCE } from '../support/journey.js'

const DENIED = '910000999'
const POLLING = { timeout: 120_000 }

describe.skipIf(isChromiumMissing)('the console in Chromium', () => {
  const world = consoleWorld()
  const { open, clientOf } = world

  test('says in words that nothing may be listed', async () => {
    const { page, troubles, close } = await open('#/send')

    await actAs(page, DENIED)
    await page.getByRole('link', { name: 'Innboks' }).click()
    await page.getByText('Organisasjonen har ikke tilgang til ressursen.').waitFor(POLLING)
    expect(await button(page, 'Prøv igjen').count()).toBe(0)
    expect(troubles).toEqual([])
    await close()
  })

  test('is at any Broker with a token, which is forgotten with the tab', async () => {
    const { token } = clientOf(KARI)
    const sending = { resourceId: RESOURCE, sender: OWNER, recipients: [KARI], sendersFileTransferReference: 'token' }
    await clientOf(OWNER).broker.send(new Blob(['a']), { ...sending, fileName: 'regnskap.zip' })
    const { page, close } = await open()
    await page.route('**/local.json', (route) => route.fulfill({ status: 404 }))
    await page.reload()

    await heading(page, 'Koble til Broker').waitFor()
    await expectAccessible(page)
    await page.getByLabel('Adressen til Broker').fill(world.stack.urls.app)
    await page.getByLabel('Token').fill(await token())
    await button(page, 'Koble til').click()
    await page.getByLabel('Ressurs').fill(RESOURCE)
    await button(page, 'Søk').click()
    // All have confirmed it.
    await page.getByLabel('Status', { exact: true }).selectOption('')

    await page.getByRole('link', { name: 'regnskap.zip' }).waitFor(POLLING)
    expect(await page.getByText('986 252 932').count()).toBeGreaterThan(0)
    const kept = await page.evaluate('[JSON.stringify(localStorage), location.href, JSON.stringify(sessionStorage)]')
    expect(kept).toEqual([
      expect.not.stringContaining('eyJ'),
      expect.not.stringContaining('eyJ'),
      expect.stringContaining('eyJ'),
    ])
    await button(page, 'Koble fra').click()
    await heading(page, 'Koble til Broker').waitFor()
    expect(await page.evaluate('JSON.stringify(sessionStorage)')).not.toContain('eyJ')

    // Another organisation is not told of the resource.
    await page.getByLabel('Adressen til Broker').fill(world.stack.urls.app)
    await page.getByLabel('Token').fill(await clientOf(DENIED).token())
    await button(page, 'Koble til').click()
    await page.getByRole('link', { name: 'Innboks' }).click()
    await heading(page, 'Skriv inn en ressurs').waitFor()
    await close()
  })

  test('takes an error away when Broker answers again', async () => {
    const { broker } = clientOf(OWNER)
    const sending = { resourceId: RESOURCE, sender: OWNER, recipients: [KARI], sendersFileTransferReference: 'nett' }
    const { fileTransferId } = await broker.send(new Blob(['a']), { ...sending, fileName: 'nett.txt' })
    const { page, close } = await open(`#/transfer/${fileTransferId}`)
    const look = () => page.evaluate("dispatchEvent(new Event('focus'))")
    const events = page.getByRole('region', { name: 'Hendelser' })
    await events.getByText('Levert').first().waitFor(POLLING)
    await expect.poll(() => events.getByText('Venter').count(), POLLING).toBe(0)

    await page.route('**/filetransfer/**', (route) => route.abort())
    await look()
    await page.getByRole('alert').waitFor(POLLING)
    await page.unroute('**/filetransfer/**')
    await look()
    await page.getByRole('alert').waitFor({ state: 'detached', ...POLLING })
    await close()
  })

  test('is used by keyboard alone', async () => {
    const { page, troubles, close } = await open()
    await heading(page, 'Innboks').waitFor()
    const focused = () => page.evaluate('document.activeElement.textContent || document.activeElement.id')

    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Hopp til hovedinnhold')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('main')
    await page.getByRole('link', { name: 'Send fil' }).focus()
    await page.keyboard.press('Enter')
    await heading(page, 'Send fil').waitFor()
    await expect.poll(focused).toBe('Send fil')
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('file')
    expect(troubles).toEqual([])
    await close()
  })

  const schemes = ['light', 'dark'] as const
  test.each(schemes)(
    'is accessible, in both languages, in %s colours',
    async (colorScheme) => {
      const { broker } = clientOf(OWNER)
      const sending = { resourceId: RESOURCE, sender: OWNER, recipients: [KARI], sendersFileTransferReference: 'axe' }
      const { fileTransferId } = await broker.send(new Blob(['a']), { ...sending, fileName: 'axe.txt' })
      const { page, troubles, close } = await open('#/outbox', { colorScheme })
      const [isNorwegian, isEnglish] = [page.locator('html[lang=nb]'), page.locator('html[lang=en]')]

      await page.getByRole('link', { name: 'axe.txt' }).first().waitFor(POLLING)
      await isNorwegian.waitFor()
      await expectAccessible(page)
      await page.goto(`${world.stack.urls.console}/#/transfer/${fileTransferId}`)
      await heading(page, 'Hendelser').waitFor(POLLING)
      await expectAccessible(page)
      await page.getByLabel('Språk').selectOption('en')
      await isEnglish.waitFor()
      await heading(page, 'Events').waitFor()
      await expectAccessible(page)
      await page.getByRole('link', { name: 'Send file' }).click()
      await button(page, 'Send file').click()
      await heading(page, 'Correct this').waitFor()
      await expectAccessible(page)
      expect(troubles).toEqual([])
      await close()
    },
    60_000,
  )
})
