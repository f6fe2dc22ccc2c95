import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Encrypter } from 'age-encryption'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { newPrivateKey, publicKeyOf } from '../../clients/typescript/src/index.js'
import { actAs, expectAccessible } from '../support/consolePages.js'
import { button, consoleWorld, isChromiumMissing } from '../support/consoleWorld.js'
import { KARI, OWNER, RESOURCE } from '../support/journey.js'
import { storedByPage } from '../support/pageStorage.js'

const POLLING = { timeout: 120_000 }
const MIB = 2 ** 20
const HAS_NO_PICKER = 'delete globalThis.showSaveFilePicker'
/** Runs in the page: the user, who is asked for a place, chooses a file of the browser's own disk. */
const CHOOSES_FILE = `
  globalThis.showSaveFilePicker = async ({ suggestedName }) =>
    (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true })
`
const CHOSEN_FILES = `(async () => {
  const files = {}
  for await (const handle of (await navigator.storage.getDirectory()).values())
    files[handle.name] = (await handle.getFile()).size
  return files
})()`

describe.skipIf(isChromiumMissing)('the download of an encrypted file in the console', () => {
  const world = consoleWorld()
  const bytes = randomBytes(3 * MIB + 7)
  let privateKey: string
  let keyFile: string
  let wrongKeyFile: string
  beforeAll(async () => {
    privateKey = await newPrivateKey()
    const { broker } = world.clientOf(KARI)
    await broker.publishEncryptionKey(RESOURCE, await publicKeyOf(privateKey))
    keyFile = await world.fileOf('kari.key', `# created: today\n# public key: age1…\n${privateKey}\n`)
    wrongKeyFile = await world.fileOf('other.key', await newPrivateKey())
  })

  const sending = { resourceId: RESOURCE, sender: OWNER, recipients: [KARI], sendersFileTransferReference: 'ref' }
  const send = async (content: Buffer, name = 'kontrakt.pdf') => {
    const file = new File([new Uint8Array(content)], name)
    return (await world.clientOf(OWNER).broker.send(file, sending, { encrypt: {} })).fileTransferId
  }
  /** What says that it is encrypted, and is damaged. */
  const sendDamaged = async () => {
    const encrypter = new Encrypter()
    encrypter.addRecipient(await publicKeyOf(privateKey))
    const ciphertext = await encrypter.encrypt(new Uint8Array(bytes))
    ciphertext[ciphertext.length - MIB] = (ciphertext[ciphertext.length - MIB] ?? 0) ^ 1
    const asIs = { ...sending, fileName: 'skadet.pdf.age', encryption: 'age', disableVirusScan: true } as const
    return (await world.clientOf(OWNER).broker.send(new Blob([new Uint8Array(ciphertext)]), asIs)).fileTransferId
  }
  const openAs = async (organization: string, id: string, script = HAS_NO_PICKER) => {
    const opened = await world.open()
    const bodies: string[] = []
    opened.page.on('request', (request) => bodies.push(request.url(), request.postData() ?? ''))
    await opened.page.addInitScript(script)
    await actAs(opened.page, organization)
    await opened.page.goto(`${world.stack.urls.console}/#/transfer/${id}`)
    await opened.page.reload()
    await opened.page.getByText('Kryptert for mottakerne', { exact: true }).waitFor(POLLING)
    return { ...opened, bodies }
  }
  const chooseKeys = (page: Page, path: string) =>
    page.getByLabel('Slipp filen med private nøkler her').setInputFiles(path)
  const says = (page: Page, text: string | RegExp) => page.getByRole('main').getByText(text).waitFor(POLLING)
  const hasConfirmed = async (id: string) =>
    (await world.clientOf(OWNER).broker.getFileTransfer(id)).recipients.some(
      (each) => each.currentRecipientFileTransferStatusCode === 'DownloadConfirmed',
    )

  test('is decrypted in the page by the private key, which is stored and sent nowhere', async () => {
    const id = await send(bytes)
    const { page, bodies, troubles, close } = await openAs(KARI, id)
    await expectAccessible(page)

    await chooseKeys(page, keyFile)
    await says(page, /^En privat nøkkel er valgt\./)
    await expectAccessible(page)
    const downloading = page.waitForEvent('download')
    await button(page, 'Last ned').click()

    const download = await downloading
    await says(page, 'kontrakt.pdf er dekryptert og lastet ned.')
    expect(download.suggestedFilename()).toBe('kontrakt.pdf')
    expect(bytes.equals(await readFile(await download.path()))).toBe(true)
    // They serve for the next file, too.
    await page.goto(`${world.stack.urls.console}/#/transfer/${await send(Buffer.from('abc'), 'neste.txt')}`)
    const next = page.waitForEvent('download')
    await button(page, 'Last ned').click()
    expect(await readFile(await (await next).path(), 'utf8')).toBe('abc')
    const stored = await storedByPage(page)
    expect(stored).toContain(KARI)
    expect(stored).not.toContain(privateKey)
    expect(stored).not.toContain('kari.key')
    expect(bodies.join('\n')).not.toContain(privateKey)
    expect(troubles).toEqual([])
    await page.reload()
    await page.getByLabel('Slipp filen med private nøkler her').waitFor(POLLING)
    await close()
  })

  test('without keys is of the ciphertext, and the page says so', async () => {
    const id = await send(Buffer.from('abc'))
    const { page, troubles, close } = await openAs(KARI, id)
    await chooseKeys(page, keyFile)
    await button(page, 'Glem de private nøklene').click()
    const downloading = page.waitForEvent('download')

    await button(page, 'Last ned').click()

    const download = await downloading
    await says(page, /^kontrakt\.pdf\.age \(.*\) er lastet ned, og MD5 stemmer\. Den er fortsatt kryptert\.$/)
    expect(download.suggestedFilename()).toBe('kontrakt.pdf.age')
    expect(await readFile(await download.path(), 'latin1')).toMatch(/^age-encryption\.org\/v1\n/)
    expect(troubles).toEqual([])
    await close()
  })

  test.each([
    ['by a wrong key', () => send(bytes), () => wrongKeyFile],
    ['of a damaged file', sendDamaged, () => keyFile],
  ])('%s fails in words, saves nothing and confirms nothing', async (_, sendIt, keys) => {
    const id = await sendIt()
    const { page, troubles, close } = await openAs(KARI, id)
    const downloads: unknown[] = []
    page.on('download', (download) => downloads.push(download))
    await chooseKeys(page, keys())

    await button(page, 'Last ned').click()

    await page.getByRole('alert').getByText('Filen kan ikke dekrypteres').waitFor(POLLING)
    await expectAccessible(page)
    expect(downloads).toEqual([])
    expect(await hasConfirmed(id)).toBe(false)
    expect(troubles).toEqual([])
    await close()
  })

  test('of more than the page holds is decrypted where the user chooses, or leaves no file there', async () => {
    const large = Buffer.alloc(129 * MIB, 'abc')
    const id = await send(large, 'stor.bin')
    const { page, troubles, close } = await openAs(KARI, id, CHOOSES_FILE)

    await chooseKeys(page, wrongKeyFile)
    await button(page, 'Last ned').click()
    await page.getByRole('alert').getByText('Filen kan ikke dekrypteres').waitFor(POLLING)
    await expect.poll(() => page.evaluate(CHOSEN_FILES), POLLING).toEqual({})
    await button(page, 'Glem de private nøklene').click()
    await chooseKeys(page, keyFile)
    await button(page, 'Last ned').click()

    await says(page, 'stor.bin er dekryptert og lagret.')
    expect(await page.evaluate(CHOSEN_FILES)).toEqual({ 'stor.bin': large.length })
    expect(troubles).toEqual([])
    await close()
  }, 180_000)

  test('takes no other file for one of private keys, and offers its sender nothing to choose', async () => {
    const id = await send(Buffer.from('abc'))
    const { page, troubles, close } = await openAs(KARI, id)

    await chooseKeys(page, await world.fileOf('notes.txt', 'AGE-SECRET-KEY-1 is what it begins with'))
    await says(page, /^Dette er ikke en fil med private nøkler\./)
    await actAs(page, OWNER)
    await page.getByText('Kryptert for mottakerne', { exact: true }).waitFor(POLLING)

    await expect.poll(() => page.getByLabel('Slipp filen med private nøkler her').count(), POLLING).toBe(0)
    expect(troubles).toEqual([])
    await close()
  })
})
