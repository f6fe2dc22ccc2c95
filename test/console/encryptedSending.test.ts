import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { blobSink, decryptingSink, newPrivateKey, publicKeyOf } from '../../clients/typescript/src/index.js'
import { actAs, expectAccessible, letThrough } from '../support/consolePages.js'
import { button, consoleWorld, heading, isChromiumMissing } from '../support/consoleWorld.js'
import { KARI, OWNER, RESOURCE } from '../support/journey.js'
import { filesOfPage, storedByPage } from '../support/pageStorage.js'

const MIB = 2 ** 20
const POLLING = { timeout: 40_000 }
/** As of a browser that lets a page write no files. */
const WRITES_NO_FILES = 'delete FileSystemFileHandle.prototype.createWritable'
/** Runs in the page: all titles that the user has seen. */
const WATCHES_TITLES = `
  globalThis.titles = new Set()
  const look = () => document.querySelectorAll('h2').forEach((each) => titles.add(each.textContent))
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true })
`

describe.skipIf(isChromiumMissing)('sending encrypted by the console', () => {
  const world = consoleWorld()
  const { open, fileOf, clientOf } = world
  let privateKey: string
  beforeAll(async () => {
    privateKey = await newPrivateKey()
    await clientOf(KARI).broker.publishEncryptionKey(RESOURCE, await publicKeyOf(privateKey))
  })

  const openForm = async (paths: string[], script = '') => {
    const opened = await open('#/inbox')
    await opened.page.addInitScript(script)
    await opened.page.goto(`${world.stack.urls.console}/#/send`)
    await opened.page.reload()
    await opened.page.locator('#file').setInputFiles(paths)
    await opened.page.getByLabel('Fjord Regnskap AS').check()
    await opened.page.getByLabel('Krypter for mottakerne').check()
    return opened
  }
  /** Chromium would give a handle of a file that is dropped; one that is set in the input must be chosen again. */
  const reload = async (page: Page) => {
    page.once('dialog', (dialog) => void dialog.accept())
    await page.reload()
    await page.getByText(/ble ikke ferdig \(2\d\s%\)/).waitFor(POLLING)
  }
  /** The other progress is that of the encryption. */
  const hasSent = (page: Page, part: number) => {
    const sending = page.getByRole('progressbar', { name: /^Fremdrift for (?!krypteringen)/ })
    const sent = () => sending.evaluate((bar: { value: number; max: number }) => bar.value / bar.max)
    return expect.poll(sent, POLLING).toBeCloseTo(part, 3)
  }
  const sentBy = async (part: string) => {
    const { broker } = clientOf(OWNER)
    const ids = await Array.fromAsync(broker.searchFileTransfers({ resourceId: RESOURCE, role: 'Sender' }))
    const all = await Promise.all(ids.map((id) => broker.getFileTransfer(id)))
    return all.filter(({ fileName }) => fileName.includes(part))
  }
  /** What the recipient gets. */
  const received = async (id: string) => {
    const sink = blobSink()
    await clientOf(KARI).broker.receive(id, decryptingSink(sink, { privateKeys: [privateKey] }))
    return Buffer.from(await sink.blob().arrayBuffer())
  }
  const expectReceived = async (name: string, path: string) => {
    const [sent, ...others] = await sentBy(name)
    expect(others).toEqual([])
    expect(sent).toMatchObject({ fileName: `${name}.age`, encryption: 'age', fileTransferStatus: 'Published' })
    expect((await received(sent?.fileTransferId ?? '')).equals(await readFile(path))).toBe(true)
  }

  test('encrypts a file, sends it, and the recipient decrypts it in the console', async () => {
    const path = await fileOf('kontrakt.pdf', 3 * MIB + 7)
    const keyFile = await fileOf('kari.key', privateKey)
    const { page, troubles, close } = await openForm([path], WATCHES_TITLES)
    await expectAccessible(page)

    await button(page, 'Send fil').click()
    await heading(page, 'kontrakt.pdf er sendt').waitFor(POLLING)
    await page.getByText('Nøklene den er kryptert for').click()
    await page.getByText(await publicKeyOf(privateKey)).waitFor()
    await expectAccessible(page)
    const titles = await page.evaluate<string[]>('[...titles]')
    const [encrypting, sending] = ['Krypterer kontrakt.pdf', 'Sender kontrakt.pdf'].map((each) => titles.indexOf(each))
    expect(encrypting).toBeGreaterThanOrEqual(0)
    expect(titles.lastIndexOf('kontrakt.pdf er sendt')).toBeGreaterThan(Math.max(encrypting ?? 0, sending ?? 0))
    await expect.poll(() => filesOfPage(page), POLLING).toEqual([])

    await page.getByRole('link', { name: 'Vis filoverføringen' }).click()
    await page.getByText('Kryptert for mottakerne', { exact: true }).waitFor()
    await actAs(page, KARI)
    await page.getByLabel('Slipp filen med private nøkler her').setInputFiles(keyFile)
    const downloading = page.waitForEvent('download')
    await button(page, 'Last ned').click()
    const download = await downloading
    expect(download.suggestedFilename()).toBe('kontrakt.pdf')
    expect((await readFile(await download.path())).equals(await readFile(path))).toBe(true)
    await button(page, 'Bekreft mottak').click()
    await page.locator('.title [data-status=AllConfirmedDownloaded]').waitFor(POLLING)
    expect(await storedByPage(page)).not.toContain(privateKey)
    expect(troubles).toEqual([])
    await close()
  })

  test.each([
    ['one file', ['uten-en.txt'], 'Send fil'],
    ['a group', ['uten-a.txt', 'uten-b.txt'], 'Send 2 filer'],
  ])('names the recipient without a key, and initializes nothing: %s', async (_, names, send) => {
    const paths = await Promise.all(names.map((name) => fileOf(name, 10)))
    const { page, troubles, close } = await openForm(paths)
    await page.getByLabel('Nordlys Arkiv AS').check()
    if (names.length > 1) await page.getByLabel('Send dem som én gruppe').check()

    await button(page, send).click()

    const says = /^Har ikke publisert noen nøkkel for ressursen.* dem: Nordlys Arkiv AS\. Be dem publisere/
    await page.getByRole('link', { name: says }).waitFor(POLLING)
    await expectAccessible(page)
    for (const name of names) expect(await sentBy(name)).toEqual([])
    // The form is as it was; without encryption, or that recipient, it is sent.
    await page.getByLabel('Nordlys Arkiv AS').uncheck()
    await button(page, send).click()
    for (const name of names) await heading(page, `${name} er sendt`).waitFor(POLLING)
    for (const [index, name] of names.entries()) await expectReceived(name, paths[index] ?? '')
    expect(troubles).toEqual([])
    await close()
  })

  test('goes on with the same ciphertext after a reload', async () => {
    const path = await fileOf('lang.bin', 25 * MIB)
    const { page, troubles, close } = await openForm([path])
    await letThrough(page, 6)
    await button(page, 'Send fil').click()
    await hasSent(page, 6 / 25)
    const kept = (await filesOfPage(page)).filter((name) => !name.endsWith('.crswap'))
    expect(kept).toEqual([expect.stringMatching(/^ciphertexts\/.*\/ciphertext-.{32}$/)])

    await reload(page)
    await letThrough(page, 0)
    await page.getByLabel('Slipp de samme filene her').setInputFiles(path)
    await hasSent(page, 6 / 25)
    await letThrough(page, Number.POSITIVE_INFINITY)
    await heading(page, 'lang.bin er sendt').waitFor(POLLING)

    await expectReceived('lang.bin', path)
    await expect.poll(() => filesOfPage(page), POLLING).toEqual([])
    expect(troubles).toEqual([])
    await close()
  })

  test('goes on after a pause, and anew after a reload, where the browser stores no files', async () => {
    const path = await fileOf('minne.bin', 25 * MIB)
    const { page, troubles, close } = await openForm([path], WRITES_NO_FILES)
    await letThrough(page, 6)
    await button(page, 'Send fil').click()
    await hasSent(page, 6 / 25)

    await button(page, 'Pause').click()
    await heading(page, 'minne.bin er satt på pause').waitFor()
    await button(page, 'Fortsett').click()
    await hasSent(page, 6 / 25)
    await reload(page)
    await letThrough(page, 0)
    await page.getByLabel('Slipp de samme filene her').setInputFiles(path)
    await hasSent(page, 0)
    await letThrough(page, Number.POSITIVE_INFINITY)
    await heading(page, 'minne.bin er sendt').waitFor(POLLING)

    await expectReceived('minne.bin', path)
    expect(await filesOfPage(page)).toEqual([])
    expect(troubles).toEqual([])
    await close()
  })

  test('resumes the files of a group after a reload, also when the ciphertext is lost', async () => {
    const paths = [await fileOf('gruppe-a.bin', 25 * MIB), await fileOf('gruppe-b.txt', 1000)]
    const { page, troubles, close } = await openForm(paths)
    await page.getByLabel('Send dem som én gruppe').check()
    await letThrough(page, 6)
    await button(page, 'Send 2 filer').click()
    await hasSent(page, 6 / 25)

    await reload(page)
    await page.evaluate(
      "navigator.storage.getDirectory().then((root) => root.removeEntry('ciphertexts', { recursive: true }))",
    )
    await letThrough(page, 0)
    await page.getByLabel('Slipp de samme filene her').setInputFiles(paths)
    await hasSent(page, 0)
    await letThrough(page, Number.POSITIVE_INFINITY)
    await heading(page, 'gruppe-a.bin er sendt').waitFor(POLLING)
    await heading(page, 'gruppe-b.txt er sendt').waitFor(POLLING)

    await expectReceived('gruppe-a.bin', paths[0] ?? '')
    await expectReceived('gruppe-b.txt', paths[1] ?? '')
    const groups = (await sentBy('gruppe-')).map(({ group }) => group?.fileTransferGroupId)
    expect(new Set(groups).size).toBe(1)
    expect(troubles).toEqual([])
    await close()
  })

  test('leaves no ciphertext of what is cancelled', async () => {
    const { page, troubles, close } = await openForm([await fileOf('angret.bin', 25 * MIB)])
    await letThrough(page, 6)
    await button(page, 'Send fil').click()
    await hasSent(page, 6 / 25)

    await button(page, 'Avbryt').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Ja, avbryt den' }).click()
    await page.getByText('Slipp filer her').waitFor(POLLING)

    await expect.poll(() => filesOfPage(page), POLLING).toEqual([])
    expect(troubles).toEqual([])
    await close()
  })

  test('says beside the choice when the resource lets nothing be sent unscanned', async () => {
    const { page, close } = await openForm([await fileOf('nektet.txt', 10)])
    const headers = { 'access-control-allow-origin': '*' }
    await page.route('**/api/v1/filetransfer', (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({ status: 400, headers, json: { code: 'BRO-00020' } })
        : route.fallback(),
    )

    await button(page, 'Send fil').click()

    await page.getByRole('link', { name: 'Ressursen er ikke godkjent for filer uten viruskontroll.' }).click()
    expect(await page.evaluate('document.activeElement.id')).toBe('encryption')
    await expectAccessible(page)
    await expect.poll(() => filesOfPage(page), POLLING).toEqual([])
    await close()
  })
})
