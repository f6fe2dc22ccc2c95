import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import type { BrokerClient } from '../../clients/typescript/src/index.js'
import { organizationClient } from '../../local/organizationClient.js'
import { actAs, expectAccessible } from '../support/consolePages.js'
import { button, consoleWorld, heading, isChromiumMissing } from '../support/consoleWorld.js'
import { KARI, OLA, OWNER, RESOURCE } from '../support/journey.js'
import { WIDE_ELEMENTS } from '../support/wideElements.js'

const POLLING = { timeout: 120_000 }
const OTHER_RESOURCE = 'bruksmonster-broker'
/** A screen that no page may be wider than (WCAG 1.4.10). */
const SMALL = { viewport: { width: 320, height: 640 } }

describe.skipIf(isChromiumMissing)('the lists of the console in Chromium', () => {
  const world = consoleWorld()
  let owner: BrokerClient
  beforeAll(() => {
    owner = organizationClient(world.stack.urls, OWNER)
  })

  type Sent = {
    to?: string[]
    resourceId?: string
    reference?: string
    content?: string
    properties?: Record<string, string>
  }
  const send = (
    fileName: string,
    { to = [KARI], resourceId = RESOURCE, reference = 'ref', content = 'a', properties = {} }: Sent = {},
  ) =>
    owner
      .send(new Blob([content]), {
        fileName,
        resourceId,
        sender: OWNER,
        recipients: to,
        sendersFileTransferReference: reference,
        propertyList: properties,
      })
      .then(({ fileTransferId }) => fileTransferId)
  const receive = (id: string, organization: string, confirm: boolean) => {
    const nowhere = { open: async () => undefined, write: async () => {}, close: async () => {} }
    return organizationClient(world.stack.urls, organization).receive(id, nowhere, { confirm })
  }
  const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name })
  const focusedLabel = (page: Page) => page.evaluate('document.activeElement.getAttribute("aria-label")')
  const search = async (page: Page, text: string) => {
    await page.getByLabel('Søk på').fill(text)
    await page.keyboard.press('Enter')
  }

  test('invite to do something when they are empty', async () => {
    const { page, troubles, close } = await world.open()
    await actAs(page, OLA)

    await heading(page, 'Ingen filer å laste ned').waitFor(POLLING)
    await expectAccessible(page)
    await button(page, 'Vis alle, også de som ikke kan lastes ned').click()
    await page.getByText(/Gi avsenderen organisasjonsnummeret 910.753.614/).waitFor(POLLING)
    await page.getByRole('link', { name: 'Utboks' }).click()
    await heading(page, 'Dere har ikke sendt noe ennå').waitFor(POLLING)
    await page.getByRole('main').getByRole('link', { name: 'Send fil' }).click()
    await heading(page, 'Send fil').waitFor()

    expect(troubles).toEqual([])
    await close()
  })

  test('show page after page, keep the focus on the list, and lead back from where there is none', async () => {
    const names = Array.from({ length: 23 }, (_, index) => `side-${index}.txt`)
    for (const name of names) await send(name, { to: [OLA], resourceId: OTHER_RESOURCE })
    const { page, troubles, close } = await world.open()
    await actAs(page, OLA)
    await page.goto(`${world.stack.urls.console}/#/inbox?size=10&page=99`)
    const rows = page.locator('tbody tr')

    await page.getByText('Viser 21–23 av 23').waitFor(POLLING)
    expect(await page.evaluate('location.hash')).toBe('#/inbox?page=3&size=10')
    await button(page, 'Forrige').click()
    await page.getByText('Viser 11–20 av 23').waitFor()
    await expect.poll(() => focusedLabel(page), POLLING).toBe('Innboks, side 2 av 3')
    await page.getByLabel('Side', { exact: true }).selectOption('1')
    await page.getByText('Viser 1–10 av 23').waitFor()
    await expect.poll(() => focusedLabel(page), POLLING).toBe('Innboks, side 1 av 3')
    expect(await rows.first().textContent()).toContain('side-22.txt')
    await page.getByLabel('Rader per side').selectOption('25')
    await page.getByText('Viser 1–23 av 23').waitFor()
    expect(await rows.getByRole('link').allTextContents()).toEqual(names.toReversed())

    expect(troubles).toEqual([])
    await close()
  })

  test('take one call a look for each resource, and one for names', async () => {
    const { page, close } = await world.open(`#/outbox?resource=${OTHER_RESOURCE}`)
    const calls: string[] = []
    page.on('request', (request) => {
      const isPreflight = request.method() === 'OPTIONS'
      if (request.url().startsWith(world.stack.urls.app) && !isPreflight) calls.push(new URL(request.url()).pathname)
    })
    // Names come from Register, as at a deployed Broker.
    await page.route('**/local.json', async (route) => {
      const world = await (await route.fetch()).json()
      await route.fulfill({ json: { ...world, organisations: world.organisations.slice(0, 1) } })
    })
    await page.reload()

    await page.getByText('Nordlys Arkiv AS').first().waitFor(POLLING)
    await expect.poll(() => calls.filter((call) => call.endsWith('filetransfersummaries')).length, POLLING).toBe(2)
    expect(calls.filter((call) => call.endsWith('names'))).toHaveLength(1)
    expect(new Set(calls.map((call) => call.split('/').at(-1)))).toEqual(new Set(['filetransfersummaries', 'names']))
    await close()
  })

  test('find a file transfer by its name, reference, other side and day, in any resource', async () => {
    await send('årsregnskap.zip', { to: [KARI], reference: 'Regnskap 2026/17' })
    await send('arkiv.tar', { to: [KARI, OLA], resourceId: OTHER_RESOURCE, reference: 'uttrekk-b' })
    const { page, troubles, close } = await world.open('#/outbox')
    const found = () => page.locator('tbody').getByRole('link').allTextContents()
    await row(page, 'arkiv.tar').waitFor(POLLING)

    for (const [text, expected] of [
      ['ÅRSREGN', ['årsregnskap.zip']],
      ['regnskap 2026/17', ['årsregnskap.zip']],
      ['fjord arkiv', ['arkiv.tar']],
      ['986 252 932 uttrekk', ['arkiv.tar']],
      ['finnes ikke', []],
    ] as const) {
      await search(page, text)
      await expect.poll(found, POLLING).toEqual(expected)
    }
    await heading(page, 'Ingen treff').waitFor()
    await page.getByText(/^Søkt i alle \d+ filoverføringer\.$/).waitFor(POLLING)
    await search(page, 'uttrekk')
    await page.getByLabel('Fra dato').fill('31.2.2026')
    await button(page, 'Søk').click()
    await page.getByText('Skriv datoen som dd.mm.åååå').waitFor()
    await expectAccessible(page)
    await page.getByLabel('Fra dato').fill('1.11.2020')
    await page.keyboard.press('Enter')
    await expect.poll(found, POLLING).toEqual(['arkiv.tar'])
    await page.getByLabel('Språk').selectOption('en')
    await expect.poll(() => page.getByLabel('From (dd').inputValue(), POLLING).toBe('01/11/2020')
    await page.getByLabel('From (dd').fill('01/11/2100')
    await page.keyboard.press('Enter')
    await heading(page, 'No matches').waitFor(POLLING)

    expect(troubles).toEqual([])
    await close()
  })

  test('stop a search where it is, and go on from there', async () => {
    const { page, troubles, close } = await world.open('#/outbox')
    await row(page, 'arkiv.tar').waitFor(POLLING)
    // One resource has more than a search reads at a time, and answers slowly.
    const { fileTransfers } = await owner.listFileTransfers({ resourceId: RESOURCE, role: 'Sender', limit: 1 })
    const many = Array.from({ length: 100 }, () => ({ ...fileTransfers[0], fileTransferId: crypto.randomUUID() }))
    let next = () => {}
    let isSlow = false
    await page.route('**/filetransfersummaries?*', async (route) => {
      if (!route.request().url().includes(RESOURCE)) return route.fulfill({ json: { fileTransfers: [] } })
      if (isSlow) await new Promise<void>((resolve) => (next = resolve))
      const link = '<https://broker/x?continuation=more>; rel="next"'
      const headers = { link, 'access-control-allow-origin': '*', 'access-control-expose-headers': 'Link' }
      await route.fulfill({ json: { fileTransfers: many }, headers }).catch(() => {})
    })

    await search(page, 'finnes ikke')
    await page.getByText(/^Søkt i 400 av filoverføringene, tilbake til /).waitFor(POLLING)
    await expectAccessible(page)
    isSlow = true
    await button(page, 'Søk videre').click()
    await page.getByText(/^Søker … 400/).waitFor(POLLING)
    next()
    await button(page, 'Stopp søket').click()
    isSlow = false
    next()
    await page.getByText(/^Søkt i 400 av filoverføringene/).waitFor(POLLING)
    await button(page, 'Søk videre').click()
    await page.getByText(/^Søkt i 800 av filoverføringene/).waitFor(POLLING)

    expect(troubles).toEqual([])
    await close()
  })

  test('mark what is new in an inbox, and tell in an outbox how many have confirmed', async () => {
    const id = await send('nytt.txt', { to: [KARI, OLA, '974760673'], content: '' })
    const { page, troubles, close } = await world.open()
    await actAs(page, KARI)
    await row(page, 'nytt.txt').waitFor(POLLING)

    expect(await row(page, 'nytt.txt').getByRole('rowheader').textContent()).toContain('Ny, ikke lastet ned: nytt.txt')
    expect(await row(page, 'nytt.txt').textContent()).toMatch(/\D0\sB/)
    await receive(id, KARI, false)
    await receive(id, OLA, true)
    await expect.poll(() => row(page, 'nytt.txt').textContent(), POLLING).not.toContain('Ny, ikke')
    await actAs(page, OWNER)
    await page.getByRole('link', { name: 'Utboks' }).click()
    await expect.poll(() => row(page, 'nytt.txt').textContent(), POLLING).toContain('1 av 3 bekreftet')
    expect(await row(page, 'nytt.txt').textContent()).toContain('1 har startet nedlasting')
    expect(await page.getByLabel('Din status').count()).toBe(0)

    expect(troubles).toEqual([])
    await close()
  })

  test('of an inbox show what can be downloaded, and all when they are asked to, also after a reload', async () => {
    await owner.initializeFileTransfer({
      fileName: 'kunngjort.txt',
      resourceId: RESOURCE,
      sender: `0192:${OWNER}`,
      recipients: [`0192:${KARI}`],
      sendersFileTransferReference: 'kommer',
    })
    const { page, troubles, close } = await world.open()
    await actAs(page, KARI)
    const status = page.getByLabel('Status', { exact: true })

    await row(page, 'nytt.txt').waitFor(POLLING)
    expect(await row(page, 'kunngjort.txt').count()).toBe(0)
    await status.selectOption('Initialized')
    await row(page, 'kunngjort.txt').waitFor(POLLING)
    expect(await row(page, 'nytt.txt').count()).toBe(0)
    // Nobody knows yet how large it will be, and nobody can download it.
    expect(await row(page, 'kunngjort.txt').textContent()).toContain('–')
    expect(await row(page, 'kunngjort.txt').textContent()).not.toContain('Ny, ikke')
    await status.selectOption('')
    await row(page, 'nytt.txt').waitFor(POLLING)
    await page.reload()
    await row(page, 'kunngjort.txt').waitFor(POLLING)
    await button(page, 'Nullstill').click()
    await row(page, 'kunngjort.txt').waitFor({ state: 'detached', ...POLLING })

    expect(troubles).toEqual([])
    await close()
  })

  test('show what comes meanwhile, and say so', async () => {
    const { page, troubles, close } = await world.open(`#/inbox?resource=${RESOURCE}`)
    await actAs(page, KARI)
    await row(page, 'nytt.txt').waitFor(POLLING)

    await send('kommer.txt')

    await row(page, 'kommer.txt').waitFor(POLLING)
    expect(await page.locator('[role=status][aria-live]').textContent()).toBe('Én ny filoverføring')
    expect(troubles).toEqual([])
    await close()
  })

  test('of a thousand recipients are a summary, and pages to search', async () => {
    const others = Array.from({ length: 999 }, (_, index) => `0192:${810_000_001 + index}`)
    const id = await owner.initializeFileTransfer({
      fileName: 'til-mange.pdf',
      resourceId: RESOURCE,
      sender: `0192:${OWNER}`,
      recipients: [...others, `0192:${KARI}`],
      sendersFileTransferReference: 'mange',
    })
    const { page, troubles, close } = await world.open(`#/transfer/${id}`, SMALL)
    const facts = page.getByRole('region', { name: 'Om filen' })

    await page.getByText(/^1.000 mottakere: 1.000 har ikke lastet ned$/).waitFor(POLLING)
    expect(await facts.locator('li [data-status=Initialized]').count()).toBe(10)
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBeLessThan(8000)
    expect(await page.evaluate(WIDE_ELEMENTS)).toEqual([])
    await expectAccessible(page)
    await facts.getByLabel('Finn mottaker').fill('fjord')
    await facts.getByText('Fjord Regnskap AS').waitFor(POLLING)
    await facts.getByText('Viser 1–1 av 1').waitFor()
    await facts.getByLabel('Finn mottaker').fill('810 000 777')
    await facts.getByText('810 000 777').waitFor(POLLING)

    expect(troubles).toEqual([])
    await close()
  })

  test('and all other pages are no wider than a small screen, whatever is in them', async () => {
    const id = await send(`${'langtnavn'.repeat(27)}.zip`.slice(-255), {
      to: [KARI, OLA],
      reference: 'R'.repeat(4096),
      properties: { ['egenskap'.repeat(6)]: 'verdi'.repeat(600) },
    })
    await receive(id, KARI, false)
    for (const language of ['nb', 'en']) {
      const { page, close } = await world.open('#/inbox?status=all', SMALL)
      await page.evaluate(`localStorage.setItem('console-language', '${language}')`)
      await page.evaluate(`sessionStorage.setItem('console-acting', '${KARI}')`)
      for (const hash of ['#/inbox?status=all', '#/outbox', '#/send', '#/nothing', `#/transfer/${id}`]) {
        await page.goto(`${world.stack.urls.console}/${hash}`)
        await page.reload()
        await page.getByRole('heading', { level: 1 }).waitFor(POLLING)
        await page.locator('[role=status][aria-label], .ds-spinner').waitFor({ state: 'detached', ...POLLING })
        for (const width of [320, 639, 640, 768, 900, 1024]) {
          await page.setViewportSize({ width, height: 640 })
          expect({ hash, width, wide: await page.evaluate(WIDE_ELEMENTS) }).toEqual({ hash, width, wide: [] })
        }
        await page.setViewportSize(SMALL.viewport)
        await expectAccessible(page)
      }
      await close()
    }
  }, 120_000)
})
