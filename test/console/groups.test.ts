import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { actAs, dropFile, expectAccessible, letThrough, sentPart } from '../support/consolePages.js'
import { button, consoleWorld, heading, isChromiumMissing } from '../support/consoleWorld.js'
import { KARI, OLA, OWNER, RESOURCE } from '../support/journey.js'

const MIB = 2 ** 20
const POLLING = { timeout: 120_000 }

describe.skipIf(isChromiumMissing)('groups of the console in Chromium', () => {
  const world = consoleWorld()
  const { open, fileOf, clientOf } = world
  const nowhere = { open: async () => undefined, write: async () => {}, close: async () => {} }

  const sent = async (reference: string, names: string[]) => {
    const { broker, token } = clientOf(OWNER)
    const authorization = `Bearer ${await token()}`
    const shared = {
      resourceId: RESOURCE,
      sender: `0192:${OWNER}`,
      recipients: [KARI, OLA].map((each) => `0192:${each}`),
      sendersFileTransferReference: reference,
    }
    const files = names.map((fileName) => ({ fileName }))
    const { fileTransferGroupId: id, fileTransferIds: transfers } = await broker.initializeGroup({ ...shared, files })
    const upload = (index: number) =>
      fetch(`${world.stack.urls.app}/broker/api/v1/filetransfer/${transfers[index]}/upload`, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream', authorization },
        body: names[index] ?? '',
      })
    return { id, transfers, upload }
  }
  const openAs = async (organization: string, hash: string) => {
    const opened = await open()
    await actAs(opened.page, organization)
    await opened.page.goto(`${world.stack.urls.console}/${hash}`)
    return opened
  }
  const row = (page: Page, name: string) => page.getByRole('row', { name })

  test('show each file, and are confirmed in one step by a recipient that has downloaded all', async () => {
    const { id, transfers, upload } = await sent('regnskap-q3', ['en.txt', 'to.txt', 'tre.txt'])
    await Promise.all([upload(0), upload(1)])
    const sender = await openAs(OWNER, `#/group/${id}`)
    const { page, troubles, close } = await openAs(KARI, `#/group/${id}`)

    await heading(page, 'Gruppe regnskap-q3').waitFor(POLLING)
    await row(page, 'en.txt').getByText('Klar for nedlasting').waitFor(POLLING)
    await row(page, 'tre.txt').getByText('Klar for opplasting').waitFor()
    await expectAccessible(page)
    expect(await button(page, 'Bekreft alle').count()).toBe(0)

    // What happens elsewhere is seen here.
    await clientOf(OWNER).broker.cancelFileTransfer(transfers[2] ?? '')
    await row(page, 'tre.txt').getByText('Avbrutt').waitFor(POLLING)
    for (const transfer of transfers.slice(0, 2)) await clientOf(KARI).broker.receive(transfer, nowhere)
    await button(page, 'Bekreft alle').click(POLLING)
    const dialog = page.getByRole('dialog')
    await expectAccessible(page)
    await button(dialog, 'Nei, ikke ennå').click()
    await dialog.waitFor({ state: 'hidden' })
    await button(page, 'Bekreft alle').click()
    await button(dialog, 'Ja, bekreft alle').click()

    await page.locator('#main').getByText('Mottaket av filene er bekreftet.').waitFor(POLLING)
    await row(page, 'to.txt').getByText('Bekreftet').waitFor(POLLING)
    expect(await button(page, 'Bekreft alle').count()).toBe(0)
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1')
    await row(sender.page, 'en.txt').getByText('1 av 2 bekreftet').waitFor(POLLING)
    await row(sender.page, 'tre.txt').getByText('0 av 2 bekreftet').waitFor()
    expect(await button(sender.page, 'Bekreft alle').count()).toBe(0)
    const own = await Promise.all(
      transfers.map(async (each) => {
        const { recipients } = await clientOf(KARI).broker.getFileTransfer(each)
        return recipients.find(({ recipient }) => recipient.endsWith(KARI))?.currentRecipientFileTransferStatusCode
      }),
    )
    expect(own).toEqual(['DownloadConfirmed', 'DownloadConfirmed', 'Initialized'])
    await page.setViewportSize({ width: 320, height: 700 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320)
    expect([...troubles, ...sender.troubles]).toEqual([])
    await Promise.all([close(), sender.close()])
  })

  test('say which file is not confirmed, and lead to it and back', async () => {
    const { id, transfers, upload } = await sent('avslag', ['hentet.txt', 'uhentet.txt'])
    await Promise.all([upload(0), upload(1)])
    const { page, troubles, close } = await openAs(KARI, `#/group/${id}`)
    await row(page, 'uhentet.txt').getByText('Klar for nedlasting').waitFor(POLLING)
    await clientOf(KARI).broker.receive(transfers[0] ?? '', nowhere)
    // As of a page that is behind.
    await page.route(`**/filetransfergroup/${id}`, async (route) => {
      const answer = await route.fetch()
      const group = (await answer.json()) as { fileTransfers: { recipientStatus: string }[] }
      for (const file of group.fileTransfers) file.recipientStatus = 'DownloadStarted'
      await route.fulfill({ response: answer, json: group })
    })
    await page.reload()

    await button(page, 'Bekreft alle').click(POLLING)
    await button(page.getByRole('dialog'), 'Ja, bekreft alle').click()

    const alert = page.getByRole('alert')
    await alert.getByText('Ingen fil ble bekreftet').waitFor(POLLING)
    await alert.getByText('Last ned filen før du bekrefter mottaket.').waitFor()
    await expectAccessible(page)
    await alert.getByRole('link', { name: 'uhentet.txt' }).click()
    await page.getByRole('link', { name: 'Fil 2 av 2 i en gruppe' }).waitFor(POLLING)
    expect(page.url()).toContain(transfers[1])
    await expectAccessible(page)
    await page.getByRole('link', { name: 'Fil 2 av 2 i en gruppe' }).click()
    await heading(page, 'Gruppe avslag').waitFor(POLLING)
    expect(troubles).toEqual([])
    await close()
  })

  test('that are not there are not offered again', async () => {
    const { page, close } = await open('#/group/0b2f4c9e-3f0b-4e53-9d4a-6f1d6a7a2b11')

    await page.getByRole('alert').getByText('Gruppen finnes ikke').waitFor(POLLING)
    expect(await button(page, 'Prøv igjen').count()).toBe(0)
    await expectAccessible(page)
    await close()
  })

  test('are sent file by file over a reload, and completed when the first answer was lost', async () => {
    const { page, troubles, close } = await open('#/send')
    await letThrough(page, 6)
    for (const name of ['stor.zip', 'liten.txt']) {
      await dropFile(page, '#file', await fileOf(name, name === 'stor.zip' ? 25 * MIB : 10))
      await page.getByText(name).first().waitFor(POLLING)
    }
    const asGroup = page.getByLabel('Send dem som én gruppe')
    expect(await asGroup.isChecked()).toBe(false)
    await asGroup.check()
    await page.getByLabel('Fjord Regnskap AS').check()
    await page.getByLabel('Avsenders referanse').fill('samlet')
    await expectAccessible(page)
    await page.reload()
    await page.getByText('2 filer, 25 MiB i alt').waitFor(POLLING)
    expect(await asGroup.isChecked()).toBe(true)

    // Broker has initialized it, and the page does not know.
    let isLost = false
    await page.route('**/filetransfergroup', async (route) => {
      if (isLost || route.request().method() !== 'POST') return route.continue()
      isLost = true
      await route.fetch()
      await route.abort()
    })
    await letThrough(page, 6)
    await button(page, 'Send 2 filer').click()
    await expect.poll(() => sentPart(page), POLLING).toBe(6 / 25)
    expect(isLost).toBe(true)
    await heading(page, 'liten.txt står i kø').waitFor()
    page.once('dialog', (dialog) => void dialog.accept())
    await page.reload()

    await heading(page, 'stor.zip er sendt').waitFor(POLLING)
    await heading(page, 'liten.txt er sendt').waitFor(POLLING)
    await page.getByRole('link', { name: 'Vis gruppen' }).first().click()
    await heading(page, 'Gruppe samlet').waitFor(POLLING)
    for (const name of ['stor.zip', 'liten.txt'])
      await row(page, name).getByText('Klar for nedlasting').waitFor(POLLING)
    const { broker } = clientOf(OWNER)
    const ids = await Array.fromAsync(broker.searchFileTransfers({ resourceId: RESOURCE, role: 'Sender' }))
    const all = await Promise.all(ids.map((each) => broker.getFileTransfer(each)))
    const ours = all.filter((each) => each.sendersFileTransferReference === 'samlet')
    expect(ours.map(({ fileName, group }) => [fileName, group?.fileNumber, group?.fileCount]).toSorted()).toEqual([
      ['liten.txt', 2, 2],
      ['stor.zip', 1, 2],
    ])
    expect(new Set(ours.map(({ group }) => group?.fileTransferGroupId)).size).toBe(1)
    expect(troubles.filter((each) => !each.includes('net::ERR_FAILED'))).toEqual([])
    await close()
  })

  test('that Broker refuses come back to the form with their files', async () => {
    const { page, close } = await open('#/send')
    await page.locator('#file').setInputFiles([await fileOf('a.txt', 1), await fileOf('b.txt', 1)])
    await page.getByLabel('Send dem som én gruppe').check()
    await page.getByLabel('Andre mottakere').fill(OLA)
    await page.getByLabel('Ressurs').selectOption('altinn-broker-access-list-resource')
    await button(page, 'Send 2 filer').click()

    await page.getByText('Feilkode BRO-00028').waitFor(POLLING)
    await page.getByText('2 filer').first().waitFor()
    expect(await page.getByLabel('Send dem som én gruppe').isChecked()).toBe(true)
    await page.getByLabel('Ressurs').selectOption(RESOURCE)
    await button(page, 'Send 2 filer').click()
    await heading(page, 'b.txt er sendt').waitFor(POLLING)
    expect(await page.getByRole('link', { name: 'Vis gruppen' }).count()).toBe(2)
    await close()
  })
})
