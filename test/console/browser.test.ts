import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { brokerClient } from '../../clients/typescript/src/index.js'
import { type Stack, startStack } from '../../local/stack.js'
import { chromiumPath, launchChromium, NO_CHROMIUM } from '../../tools/chromium.js'
import { actAs, dropFile, expectAccessible, letThrough, openConsole, sentPart } from '../support/consolePages.js'
import { KARI, OLA, OWNER, RESOURCE } from '../support/journey.js'

const MIB = 2 ** 20
const DENIED = '910000999'
const ACCESS_LIST_RESOURCE = 'altinn-broker-access-list-resource'
const POLLING = { timeout: 120_000 }

const isMissing = chromiumPath(process.env) === undefined
if (isMissing) console.warn(`The console is not tested in a browser. ${NO_CHROMIUM}`)

describe.skipIf(isMissing)('the console in Chromium', () => {
  let stack: Stack
  let browser: Browser
  let folder: string
  beforeAll(async () => {
    browser = await launchChromium()
    stack = await startStack({ ports: 'free', console: true })
    folder = await mkdtemp(join(tmpdir(), 'console-'))
  })
  afterAll(async () => {
    await browser?.close()
    await stack?.stop()
    if (folder) await rm(folder, { recursive: true })
  })

  const fileOf = async (name: string, sizeBytes: number) => {
    const path = join(folder, name)
    await writeFile(path, randomBytes(sizeBytes))
    return path
  }
  const md5Of = async (path: string) =>
    createHash('md5')
      .update(await readFile(path))
      .digest('hex')
  const clientOf = (organization: string) => {
    const query = new URLSearchParams({ org: organization, scope: 'altinn:broker.write altinn:broker.read' })
    const token = async () => (await fetch(`${stack.urls.altinn}/token?${query}`)).text()
    return { token, broker: brokerClient({ baseUrl: stack.urls.app, token }) }
  }
  const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name })
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
  const hasSent = (page: Page, part: number) => expect.poll(() => sentPart(page), POLLING).toBe(part)

  test('sends 25 MiB with a pause and over a reload, and the recipient gets them', async () => {
    const path = await fileOf('regnskap.zip', 25 * MIB)
    const sender = await openConsole(browser, stack, '#/send')
    const { page } = sender
    await letThrough(page, 6)

    await dropFile(page, '#file', path)
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
    await page.reload()
    await page.getByText(/^regnskap\.zip ble ikke ferdig \(44\s%\)/).waitFor()
    await page.locator('#unfinished-file').setInputFiles(await fileOf('annen.zip', 1))
    await page.getByText('Dette er en annen fil.').waitFor()
    await letThrough(page, 0)
    await page.locator('#unfinished-file').setInputFiles(path)
    await hasSent(page, 11 / 25)
    await letThrough(page, Number.POSITIVE_INFINITY)
    await heading(page, 'regnskap.zip er sendt').waitFor(POLLING)
    await page.getByRole('link', { name: 'Vis filoverføringen' }).click()
    await page.locator('[data-status=Published]').first().waitFor()

    const recipient = await openConsole(browser, stack)
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
    const { page, troubles, close } = await openConsole(browser, stack, '#/send')
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
    await page.getByText('Slipp filen her').waitFor()
    expect(troubles).toEqual([])
    await close()
  })

  test('says what is wrong, in words', async () => {
    const { page, troubles, close } = await openConsole(browser, stack, '#/send')

    await button(page, 'Send fil').click()
    const summary = page.locator('ds-error-summary')
    expect(await summary.getByRole('link').allTextContents()).toEqual([
      'Velg en fil',
      'Velg eller skriv inn minst én mottaker',
    ])
    expect(await summary.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true)
    await summary.getByRole('link', { name: 'Velg en fil' }).click()
    expect(await page.evaluate('document.activeElement.id')).toBe('file')

    await page.locator('#file').setInputFiles(await fileOf('liten.txt', 10))
    await page.getByLabel('Andre mottakere').fill(`0192:${OLA}`)
    await page.getByLabel('Ressurs').selectOption(ACCESS_LIST_RESOURCE)
    await button(page, 'Send fil').click()
    await page.getByText('En mottaker står ikke på tilgangslisten til ressursen.').waitFor(POLLING)
    await page.getByText('Feilkode BRO-00028').waitFor()
    await button(page, 'Tilbake til skjemaet').click()
    expect(await page.getByLabel('Andre mottakere').inputValue()).toBe(`0192:${OLA}`)

    await actAs(page, DENIED)
    await page.getByRole('link', { name: 'Innboks' }).click()
    await page.getByText('Organisasjonen har ikke tilgang til ressursen.').waitFor(POLLING)
    expect(troubles).toEqual([])
    await close()
  })

  test('is at any Broker with a token, which is forgotten with the tab', async () => {
    const { token } = clientOf(KARI)
    const { page, close } = await openConsole(browser, stack)
    await page.route('**/local.json', (route) => route.fulfill({ status: 404 }))
    await page.reload()

    await heading(page, 'Koble til Broker').waitFor()
    await expectAccessible(page)
    await page.getByLabel('Adressen til Broker').fill(stack.urls.app)
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
    await close()
  })

  test('is used by keyboard alone', async () => {
    const { page, troubles, close } = await openConsole(browser, stack)
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
      const { page, troubles, close } = await openConsole(browser, stack, '#/outbox', { colorScheme })
      const [isNorwegian, isEnglish] = [page.locator('html[lang=nb]'), page.locator('html[lang=en]')]

      await page.getByRole('link', { name: 'axe.txt' }).first().waitFor(POLLING)
      await isNorwegian.waitFor()
      await expectAccessible(page)
      await page.goto(`${stack.urls.console}/#/transfer/${fileTransferId}`)
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
