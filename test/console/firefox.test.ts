import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { organizationClient } from '../../local/organizationClient.js'
import { type Stack, startStack } from '../../local/stack.js'
import { type Firefox, firefoxPath, launchFirefox, NO_FIREFOX } from '../support/firefox.js'
import { KARI, OLA, OWNER, RESOURCE } from '../support/journey.js'
import { WIDE_ELEMENTS } from '../support/wideElements.js'

const POLLING = { timeout: 60_000 }

const path = firefoxPath(process.env)
if (path === undefined) console.warn(`The console is not tested in Firefox. ${NO_FIREFOX}`)

describe.skipIf(path === undefined)('the console in Firefox', () => {
  let stack: Stack
  let firefox: Firefox
  let id: string
  beforeAll(async () => {
    firefox = await launchFirefox(path ?? '')
    stack = await startStack({ ports: 'free', console: true })
    await (await fetch(`${stack.urls.console}/local.json`)).text()
    const sent = await organizationClient(stack.urls, OWNER).send(new Blob(['abc']), {
      fileName: `${'langtnavn'.repeat(27)}.zip`,
      resourceId: RESOURCE,
      sender: OWNER,
      recipients: [KARI, OLA],
      sendersFileTransferReference: 'R'.repeat(4096),
      propertyList: { ['egenskap'.repeat(6)]: 'verdi'.repeat(600) },
    })
    id = sent.fileTransferId
  }, 120_000)
  afterAll(async () => {
    await firefox?.close()
    await stack?.stop()
  })

  /** Opens a page as a new visitor does, and waits for an element of it. */
  const open = async (hash: string, selector: string, { organization = KARI, language = 'nb' } = {}) => {
    await firefox.goto(`${stack.urls.console}/?other`)
    await firefox.evaluate(`localStorage.setItem('console-language', '${language}')`)
    await firefox.evaluate(`sessionStorage.setItem('console-acting', '${organization}')`)
    await firefox.goto(`${stack.urls.console}/${hash}`)
    const hasElement = () => firefox.evaluate(`document.querySelector('${selector}') !== null`)
    await expect.poll(hasElement, POLLING).toBe(true)
  }
  const shows = (text: string) =>
    expect.poll(() => firefox.evaluate<string>('document.body.innerText'), POLLING).toContain(text)
  /** Clicks a button as soon as it is there. */
  const click = (name: string) => {
    const button = `[...document.querySelectorAll('button')].find((each) => each.textContent === '${name}')`
    const isClicked = () => firefox.evaluate(`(button => button ? button.click() ?? true : false)(${button})`)
    return expect.poll(isClicked, POLLING).toBe(true)
  }

  test.each(['nb', 'en'])(
    'has no page that is wider than a small screen, in %s',
    async (language) => {
      const pages: [hash: string, selector: string, organization: string][] = [
        ['#/inbox', 'tbody tr', KARI],
        ['#/outbox', 'tbody tr', OWNER],
        ['#/send', 'form', KARI],
        [`#/transfer/${id}`, '#events', KARI],
      ]
      for (const [hash, selector, organization] of pages) {
        await open(hash, selector, { language, organization })
        for (const width of [320, 639, 640, 768, 900, 1280]) {
          await firefox.resize(width, 640)
          expect({ hash, width, wide: await firefox.evaluate(WIDE_ELEMENTS.trim()) }).toEqual({ hash, width, wide: [] })
        }
      }
    },
    120_000,
  )

  test('downloads a file, verifies it, and confirms it', async () => {
    await open(`#/transfer/${id}`, '.actions button')

    await click('Last ned')
    await shows('er lastet ned, og MD5 stemmer.')
    await click('Bekreft mottak')
    await shows('Mottaket er bekreftet.')
  })

  test('shows days as people write them in the language of the page', async () => {
    await open('#/inbox?from=2020-11-03&status=all', 'tbody tr')
    expect(await firefox.evaluate("document.querySelector('[name=from]').value")).toBe('03.11.2020')

    await open('#/inbox?from=2020-11-03&status=all', 'tbody tr', { language: 'en' })
    expect(await firefox.evaluate("document.querySelector('[name=from]').value")).toBe('03/11/2020')
  })
})
