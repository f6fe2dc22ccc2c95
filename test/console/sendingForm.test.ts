import { basename, dirname } from 'node:path'
import type { Locator } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { hasCheckDigit } from '../../clients/typescript/src/wire/organization.js'
import { EICAR } from '../../local/altinn/defender/defender.js'
import { dropFile, expectAccessible, letThrough, sentPart } from '../support/consolePages.js'
import { button, consoleWorld, heading, isChromiumMissing } from '../support/consoleWorld.js'
import { OLA, RESOURCE } from '../support/journey.js'

const MIB = 2 ** 20
const ACCESS_LIST_RESOURCE = 'altinn-broker-access-list-resource'
const POLLING = { timeout: 120_000 }

describe.skipIf(isChromiumMissing)('the form of the console that sends, in Chromium', () => {
  const { open, fileOf } = consoleWorld()
  test('says what is wrong, in words', async () => {
    const { page, troubles, close } = await open('#/send')

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
    const says = 'En mottaker står ikke på tilgangslisten til ressursen.'
    await page.getByRole('group', { name: 'Mottakere' }).getByText(says).waitFor(POLLING)
    await summary.getByRole('link', { name: says }).waitFor()
    await page.getByText('Feilkode BRO-00028').waitFor()
    await page.getByText('Valgt: liten.txt (10 B)').waitFor()
    expect(await page.getByLabel('Andre mottakere').inputValue()).toBe(`0192:${OLA}`)
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('console-unfinished')
    await expectAccessible(page)

    await page.getByLabel('Ressurs').selectOption(RESOURCE)
    await button(page, 'Send fil').click()
    await heading(page, 'liten.txt er sendt').waitFor(POLLING)
    await button(page, 'Send flere filer').click()
    expect(await page.getByLabel('Andre mottakere').inputValue()).toBe('')
    expect(await page.getByText('Valgt: liten.txt').count()).toBe(0)
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1')
    expect(troubles).toEqual([])
    await close()
  })

  test('takes recipients as they are pasted, and tells what is wrong with them', async () => {
    const { page, troubles, close } = await open('#/send')
    await page.locator('#file').setInputFiles(await fileOf('liste.txt', 10))
    const field = page.getByLabel('Andre mottakere')

    await field.fill('Navn;Orgnr\nFjord;986 252 932\nNordlys\tNO 910 753 614 MVA')
    await page.getByText('2 mottakere').waitFor()
    await page.getByText('Fjord Regnskap AS, Nordlys Arkiv AS').waitFor()
    await field.fill('98625293, 986252923')
    await page.getByLabel('Avsenders referanse').focus()
    await page.getByText('Ikke et organisasjonsnummer på ni siffer: 98625293').waitFor()
    await page.getByText('Feil kontrollsiffer').waitFor()

    await paste(field, organizations(1001))
    await page.getByText('En fil kan ha inntil 1000 mottakere').waitFor()
    await paste(field, organizations(1000))
    await page.getByText('En fil kan ha inntil 1000 mottakere').waitFor({ state: 'detached' })
    await page.getByText(/^1\s000 mottakere/).waitFor()
    await expectAccessible(page)
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBeLessThan(3000)
    await page.getByText('Vis alle').click()
    await expect.poll(() => page.locator('.all-recipients li').count()).toBe(1000)
    expect(troubles).toEqual([])
    await close()
  })

  test('says that malware was found, in one sentence', async () => {
    const { page, troubles, close } = await open('#/send')
    await page.locator('#file').setInputFiles(await fileOf('virus.txt', EICAR))
    await page.getByLabel('Fjord Regnskap AS').check()
    await button(page, 'Send fil').click()

    const alert = page.getByRole('alert')
    await alert.getByText('Filen inneholder skadelig programvare').waitFor(POLLING)
    expect(await alert.getByText('Malware scan failed').isVisible()).toBe(false)
    expect(await button(page, 'Prøv igjen').count()).toBe(0)
    await alert.getByText('Detaljer').click()
    await alert.getByText('Malware scan failed').waitFor()
    await expectAccessible(page)
    await page.getByRole('link', { name: 'Vis filoverføringen' }).click()
    await page.getByText('Filen inneholder skadelig programvare').first().waitFor()
    expect(troubles).toEqual([])
    await close()
  })

  test('refuses folders in words, and a drop beside the area does nothing', async () => {
    const { page, troubles, close } = await open('#/send')
    const path = await fileOf('ved-siden.txt', 10)

    await dropFile(page, '#file', dirname(path))
    await page.getByText(`${basename(dirname(path))} er en mappe`).waitFor()
    await dropFile(page, 'h1', path)
    await dropFile(page, '#file', await fileOf('riktig.txt', 10))
    await page.getByText('Valgt: riktig.txt (10 B)').waitFor()
    expect(await page.getByText('ved-siden.txt').count()).toBe(0)
    expect(await page.getByText('er en mappe').count()).toBe(0)
    await button(page, 'Fjern riktig.txt').click()
    expect(await page.getByText('riktig.txt').count()).toBe(0)
    expect(troubles).toEqual([])
    await close()
  })

  test('ends when the file has changed, and sends the next', async () => {
    const { page, close } = await open('#/send')
    await letThrough(page, 3)
    const path = await fileOf('endret.bin', 10 * MIB)
    await page.locator('#file').setInputFiles([path, await fileOf('neste.txt', 10)])
    await page.getByLabel('Fjord Regnskap AS').check()
    await button(page, 'Send 2 filer').click()
    await heading(page, 'neste.txt står i kø').waitFor(POLLING)

    await expect.poll(() => sentPart(page), POLLING).toBeGreaterThan(0)
    await fileOf('endret.bin', 'another')
    await letThrough(page, Number.POSITIVE_INFINITY)

    await page.getByText('Filen er endret, flyttet eller slettet').waitFor(POLLING)
    await heading(page, 'neste.txt er sendt').waitFor(POLLING)
    expect(await button(page, 'Prøv igjen').count()).toBe(0)
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('console-unfinished')
    await close()
  })

  test('pauses, resumes and cancels each file of a queue by itself', async () => {
    const { page, troubles, close } = await open('#/send')
    await letThrough(page, 3)
    const files = ['en.bin', 'to.bin', 'tre.bin'].map((name) => fileOf(name, 5 * MIB))
    await page.locator('#file').setInputFiles(await Promise.all(files))
    await page.getByLabel('Fjord Regnskap AS').check()
    await button(page, 'Send 3 filer').click()
    const card = (name: string) => page.locator('.sending', { has: heading(page, new RegExp(name)) })

    await heading(page, 'Sender en.bin').waitFor(POLLING)
    await button(card('to.bin'), 'Pause').click()
    await heading(page, 'to.bin er satt på pause').waitFor()
    await button(card('en.bin'), 'Avbryt').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Ja, avbryt den' }).click()
    await heading(page, 'Sender tre.bin').waitFor(POLLING)
    await letThrough(page, Number.POSITIVE_INFINITY)
    await heading(page, 'tre.bin er sendt').waitFor(POLLING)
    await button(card('to.bin'), 'Fortsett').click()
    await heading(page, 'to.bin er sendt').waitFor(POLLING)
    await page.getByText('2 av 2 filer er sendt').waitFor()
    expect(troubles).toEqual([])
    await close()
  })

  test('fits a screen of 320 pixels', async () => {
    const { page, close } = await open('#/send', { viewport: { width: 320, height: 640 } })
    const overflow = () => page.evaluate('document.documentElement.scrollWidth - innerWidth')
    await letThrough(page, 3)

    const name = `et-langt-filnavn-uten-mellomrom-${'x'.repeat(60)}.zip`
    await page.locator('#file').setInputFiles([await fileOf(name, 5 * MIB), await fileOf('b.txt', 10)])
    await page.getByLabel('Andre mottakere').fill(`${organizations(40).join(' ')} 12345678`)
    await button(page, 'Send 2 filer').click()
    await heading(page, 'Dette må rettes').waitFor()
    expect(await overflow()).toBe(0)
    await expectAccessible(page)
    await page.getByLabel('Andre mottakere').fill(organizations(40).join(' '))
    await button(page, 'Send 2 filer').click()
    // Register knows none of them.
    await button(page, 'Send likevel').click()
    await heading(page, `Sender ${name}`).waitFor(POLLING)
    expect(await overflow()).toBe(0)
    await expectAccessible(page)
    await close()
  })
})

/** As one change, like a paste: `fill` makes two of each line. */
const paste = (field: Locator, numbers: string[]) =>
  field.evaluate((area: EventTarget & { value: string }, text) => {
    area.value = text
    area.dispatchEvent(new Event('input', { bubbles: true }))
  }, numbers.join('\n'))

/** Different organisation numbers with right check digits. */
const organizations = (count: number): string[] =>
  Array.from({ length: 20 * count }, (_, index) => String(910_000_000 + index))
    .filter(hasCheckDigit)
    .slice(0, count)
