import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { verifyReceipt } from '../../clients/typescript/src/index.js'
import type { ReceiptKeys } from '../../clients/typescript/src/wire/types.js'
import { organizationClient } from '../../local/organizationClient.js'
import { actAs, expectAccessible } from '../support/consolePages.js'
import { button, consoleWorld, isChromiumMissing } from '../support/consoleWorld.js'
import { KARI, OLA, OWNER, RESOURCE } from '../support/journey.js'

const POLLING = { timeout: 120_000 }
const MIB = 2 ** 20
/** More than a page holds in memory. */
const large = randomBytes(129 * MIB)
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Runs in the page: the user, who is asked for a place, chooses a file of the browser's own disk. */
const CHOOSES_FILE = `
  globalThis.showSaveFilePicker = async ({ suggestedName }) => {
    globalThis.chosen = suggestedName
    return (await navigator.storage.getDirectory()).getFileHandle('chosen', { create: true })
  }
`
const DISMISSES = `
  globalThis.showSaveFilePicker = async () => {
    globalThis.chosen = undefined
    throw new DOMException('', 'AbortError')
  }
`
const HAS_NO_PICKER = 'delete globalThis.showSaveFilePicker'

const FILES = `(async () => {
  const files = []
  for await (const handle of (await navigator.storage.getDirectory()).values()) {
    const bytes = await (await handle.getFile()).arrayBuffer()
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    files.push([...digest].map((byte) => byte.toString(16).padStart(2, '0')).join(''))
  }
  return files
})()`

describe.skipIf(isChromiumMissing)('a download in the console', () => {
  const world = consoleWorld()
  let largeId: string
  beforeAll(async () => {
    largeId = await send('stor.bin', large)
  }, 180_000)

  const send = async (fileName: string, bytes: Uint8Array<ArrayBuffer>, recipients = [KARI, OLA]) => {
    const sending = { resourceId: RESOURCE, sender: OWNER, recipients, sendersFileTransferReference: 'ref' }
    const { fileTransferId } = await organizationClient(world.stack.urls, OWNER).send(new Blob([bytes]), {
      ...sending,
      fileName,
    })
    return fileTransferId
  }
  const openAsKari = async (id: string, script = '') => {
    const opened = await world.open()
    await opened.page.addInitScript(script)
    await actAs(opened.page, KARI)
    await opened.page.goto(`${world.stack.urls.console}/#/transfer/${id}`)
    await opened.page.reload()
    return opened
  }
  const says = (page: Page, text: string | RegExp) => page.getByRole('main').getByText(text).waitFor(POLLING)

  test('of a large file is written where the user chooses, and verified', async () => {
    const { page, troubles, close } = await openAsKari(largeId, CHOOSES_FILE)

    await button(page, 'Last ned').click()

    await says(page, /^stor\.bin \(129\sMiB\) er lagret, og MD5 stemmer\.$/)
    expect(await page.evaluate('chosen')).toBe('stor.bin')
    expect(await page.evaluate(FILES)).toEqual([sha256(large)])
    expect(troubles).toEqual([])
    await close()
  })

  test('that is stopped leaves no file, and a place that is not chosen is no failure', async () => {
    const { page, troubles, close } = await openAsKari(largeId, CHOOSES_FILE)
    const session = await page.context().newCDPSession(page)
    await session.send('Network.enable')
    const slow = { offline: false, latency: 0, downloadThroughput: 5 * MIB, uploadThroughput: -1 }
    await session.send('Network.emulateNetworkConditions', slow)

    await button(page, 'Last ned').click()
    await page.getByText(/MiB av 129\sMiB/).waitFor(POLLING)
    await expectAccessible(page)
    await button(page, 'Stopp nedlastingen').click()
    await button(page, 'Last ned').waitFor(POLLING)
    await expect.poll(() => page.evaluate(FILES), POLLING).toEqual([])
    await page.evaluate(DISMISSES)
    await button(page, 'Last ned').click()
    await expect.poll(() => page.evaluate('chosen'), POLLING).toBeUndefined()

    expect(await page.getByRole('alert').count()).toBe(0)
    expect(troubles).toEqual([])
    await close()
  })

  test.each([
    ['its sender', OWNER],
    ['a recipient', KARI],
  ])('of the receipt, by %s, is signed by Broker, and is of this file', async (_, organization) => {
    const { page, troubles, close } = await openAsKari(largeId)
    await actAs(page, organization)
    await page.goto(`${world.stack.urls.console}/#/transfer/${largeId}`)
    const downloading = page.waitForEvent('download')

    await button(page, 'Last ned kvittering').click()

    const download = await downloading
    const keys = (await (await fetch(`${world.stack.urls.app}/broker/api/v1/receipts/keys`)).json()) as ReceiptKeys
    const statement = await verifyReceipt(await readFile(await download.path(), 'utf8'), keys)
    expect(download.suggestedFilename()).toBe(`${largeId}.receipt`)
    expect(statement).toMatchObject({ sub: largeId, file: { name: 'stor.bin', sizeBytes: large.length } })
    await expectAccessible(page)
    expect(troubles).toEqual([])
    await close()
  })

  test('of a large file is by a link where the browser lets nobody choose a place', async () => {
    const { page, troubles, close } = await openAsKari(largeId, HAS_NO_PICKER)
    const downloading = page.waitForEvent('download')

    await button(page, 'Last ned').click()

    const download = await downloading
    await says(page, /^Nettleseren laster ned stor\.bin rett fra lageret\./)
    expect(download.suggestedFilename()).toBe('stor.bin')
    expect(sha256(await readFile(await download.path()))).toBe(sha256(large))
    expect(troubles).toEqual([expect.stringMatching(/^asks http:\/\/127\.0\.0\.1:\d+\/.*[?&]sig=/)])
    await close()
  })

  test('of a large file says what to use instead, where there are no links either', async () => {
    const { page, close } = await openAsKari(largeId, HAS_NO_PICKER)
    await page.route('**/download/link', (route) =>
      route.fulfill({ status: 403, json: { code: 'BRO-08021' }, headers: { 'access-control-allow-origin': '*' } }),
    )

    await button(page, 'Last ned').click()

    await says(page, /kan ikke lagre filer over 128\sMiB.*Chrome eller Edge.*altinn-broker receive/)
    await expectAccessible(page)
    await close()
  })

  test('is confirmed by who knows what follows', async () => {
    const id = await send('liten.txt', Buffer.from('abc'))
    const { page, troubles, close } = await openAsKari(id)
    const downloading = page.waitForEvent('download')
    await button(page, 'Last ned').click()
    expect(await readFile(await (await downloading).path(), 'utf8')).toBe('abc')
    const help = () => page.locator('#confirm-help').textContent()

    await button(page, 'Bekreft mottak').waitFor(POLLING)
    expect(await help()).toContain('når alle mottakere har bekreftet')
    expect(await button(page, 'Bekreft mottak').getAttribute('aria-describedby')).toBe('confirm-help')
    const nowhere = { open: async () => undefined, write: async () => {}, close: async () => {} }
    await organizationClient(world.stack.urls, OLA).receive(id, nowhere, { confirm: true })
    await expect.poll(help, POLLING).toContain('Alle andre mottakere har bekreftet')
    await button(page, 'Bekreft mottak').click()
    await says(page, 'Mottaket er bekreftet.')

    expect(troubles).toEqual([])
    await close()
  })

  test('has beside it what is needed elsewhere, to copy', async () => {
    const id = await send('liten.txt', Buffer.from('abc'))
    const { page, troubles, close } = await openAsKari(id)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])

    for (const [what, text] of [
      ['ID', id],
      ['MD5-sjekksum', createHash('md5').update('abc').digest('hex')],
      ['avsenders referanse', 'ref'],
      [`organisasjonsnummer ${OWNER}`, OWNER],
      [`organisasjonsnummer ${OLA}`, OLA],
    ] as const) {
      await button(page, `Kopier ${what}`).click()
      await expect.poll(() => page.evaluate('navigator.clipboard.readText()'), POLLING).toBe(text)
      await expect.poll(() => page.locator('[role=status][aria-live]').textContent(), POLLING).toBe(`Kopiert: ${what}`)
    }
    expect(troubles).toEqual([])
    await close()
  })
})
