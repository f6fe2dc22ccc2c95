import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { newPrivateKey, privateKeysIn, publicKeyOf } from '../../clients/typescript/src/index.js'
import { actAs, expectAccessible } from '../support/consolePages.js'
import { button, consoleWorld, isChromiumMissing } from '../support/consoleWorld.js'
import { KARI, RESOURCE } from '../support/journey.js'
import { storedByPage } from '../support/pageStorage.js'

const POLLING = { timeout: 60_000 }

describe.skipIf(isChromiumMissing)('the keys of a recipient in the console', () => {
  const world = consoleWorld()
  const openPage = async () => {
    const opened = await world.open('#/keys')
    await actAs(opened.page, KARI)
    await button(opened.page, 'Lag nøkkel og last ned filen').waitFor(POLLING)
    return opened
  }
  const published = async () => (await world.clientOf(KARI).broker.getEncryptionKeys(RESOURCE, [KARI]))[0]?.publicKey

  test('are made in the page: the private one is downloaded before the public one is published', async () => {
    await world.clientOf(KARI).broker.publishEncryptionKey(RESOURCE, null)
    const { page, troubles, close } = await openPage()
    const bodies: string[] = []
    page.on('request', (request) => bodies.push(request.postData() ?? ''))
    await page.getByText('Dere har ikke publisert noen nøkkel for denne ressursen.').waitFor(POLLING)
    await expectAccessible(page)
    const downloading = page.waitForEvent('download')
    await button(page, 'Lag nøkkel og last ned filen').click()

    const download = await downloading
    const [privateKey = ''] = privateKeysIn(await readFile(await download.path(), 'utf8'))
    await page.getByRole('dialog').waitFor()
    await expectAccessible(page)
    expect(await published()).toBeNull()
    await button(page, 'Ja, publiser nøkkelen').click()

    await page.getByText('Nøkkelen er publisert.').first().waitFor(POLLING)
    await page
      .getByRole('region', { name: 'Publisert nøkkel' })
      .getByText(await publicKeyOf(privateKey))
      .waitFor()
    expect(download.suggestedFilename()).toMatch(/^broker-986252932-.*\.key$/)
    expect(await published()).toBe(await publicKeyOf(privateKey))
    expect(bodies.join('\n')).toContain(await publicKeyOf(privateKey))
    expect(bodies.join('\n') + (await storedByPage(page))).not.toContain(privateKey)
    expect(await page.content()).not.toContain(privateKey)
    await expectAccessible(page)
    expect(troubles).toEqual([])
    await close()
  })

  test('are not published when the user does not have the file', async () => {
    const before = await published()
    const { page, troubles, close } = await openPage()
    await button(page, 'Lag nøkkel og last ned filen').click()

    await button(page, 'Nei, ikke publiser den').click()

    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect(await published()).toBe(before)
    expect(troubles).toEqual([])
    await close()
  })

  test('are published when they were made elsewhere, and withdrawn after a confirmation', async () => {
    const key = await publicKeyOf(await newPrivateKey())
    const other = await publicKeyOf(await newPrivateKey())
    const { page, troubles, close } = await openPage()

    for (const wrong of ['age1', key.slice(0, -6) + other.slice(-6)]) {
      await page.getByRole('textbox', { name: 'Offentlig nøkkel' }).fill(wrong)
      await button(page, 'Publiser nøkkelen').click()
      await page.getByText('Dette er ikke en offentlig nøkkel').waitFor(POLLING)
    }
    await expectAccessible(page)
    await page.getByRole('textbox', { name: 'Offentlig nøkkel' }).fill(` ${key} `)
    await button(page, 'Publiser nøkkelen').click()
    await page.getByRole('region', { name: 'Publisert nøkkel' }).getByText(key).waitFor(POLLING)
    expect(await published()).toBe(key)

    await button(page, 'Trekk nøkkelen tilbake').click()
    await button(page, 'Nei, behold den').click()
    expect(await published()).toBe(key)
    await button(page, 'Trekk nøkkelen tilbake').click()
    await button(page, 'Ja, trekk den tilbake').click()
    await page.getByText('Dere har ikke publisert noen nøkkel for denne ressursen.').waitFor(POLLING)

    expect(await published()).toBeNull()
    expect(troubles).toEqual([])
    await close()
  })
})
