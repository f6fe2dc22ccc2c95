import { describe, expect, test } from 'vitest'
import { actAs, expectAccessible } from '../support/consolePages.js'
import { button, consoleWorld, heading, isChromiumMissing } from '../support/consoleWorld.js'
import { KARI, OWNER, RESOURCE } from '../support/journey.js'
import { WIDE_ELEMENTS } from '../support/wideElements.js'

const POLLING = { timeout: 120_000 }

describe.skipIf(isChromiumMissing)('the page of service owners in Chromium', () => {
  const world = consoleWorld()
  const { open, clientOf } = world
  const sendTo = (recipients: string[]) =>
    clientOf(OWNER).broker.send(new Blob(['a']), {
      resourceId: RESOURCE,
      sender: OWNER,
      recipients,
      sendersFileTransferReference: 'eier',
      fileName: 'eier.txt',
    })

  test('shows today, the months as a chart and as a file, the parties and the resources', async () => {
    await sendTo([KARI])
    const settings = { fileTransferMaxTimeToLive: 'P90D', reminders: ['P7D', '-P2D'] }
    await clientOf(OWNER).broker.configureResource('altinn-broker-test-resource-2', settings)
    const { page, troubles, close } = await open()
    await page.getByRole('link', { name: 'Tjenesteeier' }).click()

    await heading(page, 'Tjenesteeier').waitFor()
    const today = page.getByRole('region', { name: 'I dag' })
    await today.getByRole('rowheader', { name: RESOURCE }).waitFor(POLLING)
    await today.getByText(/Tall fra/).waitFor()
    await page.getByText('Ingenting er forsinket.').waitFor()
    await page.getByText('Ingen meldinger er gitt opp.').waitFor()
    const parties = page.getByRole('region', { name: 'Største parter denne måneden' })
    await parties.getByText('Fjord Regnskap AS').waitFor(POLLING)
    const resources = page.getByRole('region', { name: 'Ressurser' })
    await resources.getByRole('rowheader', { name: RESOURCE }).waitFor()
    const configured = resources.getByRole('row').filter({ hasText: 'altinn-broker-test-resource-2' })
    await configured.getByText('90.00:00:00').waitFor()
    await configured.getByText('7 døgn etter at filen ble klar for nedlasting; 2 døgn før filen slettes').waitFor()
    await page.getByRole('img', { name: /Søylediagram/ }).waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page
        .getByRole('button', { name: /Last ned CSV/ })
        .first()
        .click(),
    ])
    expect(download.suggestedFilename()).toMatch(/^monthly_statistics_\d{4}-\d\d\.csv$/)
    expect(troubles).toEqual([])
    await close()
  })

  test('is not for other organisations', async () => {
    const { page, troubles, close } = await open('#/owner')
    await actAs(page, KARI)

    await heading(page, 'Denne siden er for tjenesteeiere').waitFor()
    expect(await page.getByRole('link', { name: 'Tjenesteeier' }).count()).toBe(0)
    expect(troubles).toEqual([])
    await close()
  })

  test('sends dead letters again, one or all, and says what went wrong', async () => {
    const ids = ['a', 'b', 'c']
    let left = ids.map((messageId, hours) => ({
      queue: 'event-delivery',
      messageId,
      fileTransferId: '0b2f6f0e-4a06-4a3c-9d0a-8a5f0a0f0f0f',
      resourceId: RESOURCE,
      reason: 'Altinn Events answered 500.',
      tries: 55,
      enqueued: new Date(Date.now() - hours * 3_600_000).toISOString(),
    }))
    const { page, close } = await open()
    await page.route('**/serviceowner/dead-letters', (route) =>
      route.fulfill({ json: { countedAt: new Date().toISOString(), isCapped: false, deadLetters: left } }),
    )
    let isDown = false
    await page.route('**/serviceowner/replay-dead-letters', (route) => {
      if (isDown) return route.fulfill({ status: 404, json: { status: 404, code: 'BRO-07004' } })
      const { messageIds } = route.request().postDataJSON() as { messageIds: string[] }
      left = left.filter(({ messageId }) => !messageIds.includes(messageId))
      return route.fulfill({ json: { replayed: messageIds.length } })
    })
    await page.getByRole('link', { name: 'Tjenesteeier' }).click()
    const region = page.getByRole('region', { name: 'Meldinger som er gitt opp' })
    await region.getByText('Altinn Events answered 500.').first().waitFor(POLLING)

    const ofOne = region.getByRole('button', { name: /Send på nytt, filoverføring/ })
    const names = await ofOne.evaluateAll((buttons) => buttons.map((each) => each.getAttribute('aria-label')))
    expect(new Set(names).size).toBe(3)
    await ofOne.first().press('Enter')
    await button(region, 'Send alle 2 på nytt').waitFor(POLLING)
    await region.locator('h2:focus').waitFor(POLLING)
    isDown = true
    await button(region, 'Send alle 2 på nytt').click()
    await region.getByText('Organisasjonen er ikke registrert som tjenesteeier i Broker.').waitFor(POLLING)
    isDown = false
    await button(region, 'Send alle 2 på nytt').click()
    await region.getByText('Ingen meldinger er gitt opp.').waitFor(POLLING)
    expect(left).toEqual([])
    await close()
  })

  test('shows late events once for all their receivers, and a long list on demand', async () => {
    const { page, close } = await open()
    const eventOf = (transfer: number, receiver: number) => ({
      fileTransferId: `0b2f6f0e-4a06-4a3c-9d0a-8a5f0a0f0f${10 + transfer}`,
      resourceId: RESOURCE,
      type: 'published',
      organization: `0192:${receiver}`,
      since: new Date().toISOString(),
      status: 'Waiting',
      tries: receiver,
    })
    const events = [...Array(12).keys()].flatMap((transfer) => [eventOf(transfer, 1), eventOf(transfer, 2)])
    await page.route('**/serviceowner/activity', async (route) => {
      const answer = await (await route.fetch()).json()
      return route.fulfill({ json: { ...answer, late: { isCapped: false, files: [], events, deadlines: [] } } })
    })
    await page.getByRole('link', { name: 'Tjenesteeier' }).click()
    const region = page.getByRole('region', { name: 'Forsinket' })
    const rows = region.getByRole('cell', {
      name: 'Hendelsen published er ikke levert til 2 organisasjoner (2 forsøk)',
    })

    await rows.first().waitFor(POLLING)
    expect(await rows.count()).toBe(10)
    await button(region, 'Vis alle 12').click()
    await rows.nth(11).waitFor(POLLING)
    await button(region, 'Vis færre').waitFor()
    await close()
  })

  const looks = [
    { colorScheme: 'light', width: 1280 },
    { colorScheme: 'dark', width: 1280 },
    { colorScheme: 'light', width: 320 },
  ] as const
  test.each(looks)('is accessible and fits: $colorScheme, $width px', async ({ colorScheme, width }) => {
    await sendTo([KARI])
    const { page, troubles, close } = await open('#/owner', { colorScheme, viewport: { width, height: 800 } })
    await page.getByRole('region', { name: 'Ressurser' }).getByRole('rowheader', { name: RESOURCE }).waitFor(POLLING)
    await page.getByRole('img', { name: /Søylediagram/ }).waitFor(POLLING)

    await expectAccessible(page)
    expect(await page.evaluate(WIDE_ELEMENTS)).toEqual([])
    await page.getByLabel('Språk').selectOption('en')
    await page.getByRole('region', { name: 'Resources' }).waitFor()
    await expectAccessible(page)
    expect(troubles).toEqual([])
    await close()
  })
})
