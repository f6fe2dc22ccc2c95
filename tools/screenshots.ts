import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { newPrivateKey, publicKeyOf, TransferEnded } from '../clients/typescript/src/index.js'
import { EICAR } from '../local/altinn/defender/defender.js'
import { organizationClient } from '../local/organizationClient.js'
import { projectRoot } from '../local/paths.js'
import { type Stack, startStack } from '../local/stack.js'
import { launchChromium } from './chromium.js'

/** `npm run screenshots`: the pictures of docs/console, from a stack of their own. */

const [DIGDIR, FJORD, NORDLYS, REGISTER] = ['991825827', '986252932', '910753614', '974760673']
const RESOURCE = 'altinn-broker-test-resource-1'
const PICTURES = join(projectRoot, 'docs/console')
const MIB = 2 ** 20

/** File transfers to look at, in most of the statuses that there are. Resolves to the ids of one that is done and of a group. */
async function fill({ urls }: Stack) {
  const send = async (sender: string, fileName: string, reference: string, content: Blob, recipients = [FJORD]) => {
    const common = { resourceId: RESOURCE, sender, recipients, sendersFileTransferReference: reference }
    const sent = await organizationClient(urls, sender).send(content, {
      ...common,
      fileName,
      propertyList: { periode: '2025' },
    })
    return sent.fileTransferId
  }
  const receive = async (id: string, organization: string, confirm: boolean) => {
    const nowhere = { open: async () => undefined, write: async () => {}, close: async () => {} }
    await organizationClient(urls, organization).receive(id, nowhere, { confirm })
  }
  const zeros = (sizeBytes: number) => new Blob([new Uint8Array(sizeBytes)])

  const done = await send(DIGDIR, 'årsregnskap-2025.zip', 'regnskap-2025', zeros(14.2 * MIB), [FJORD, NORDLYS])
  await receive(done, FJORD, true)
  await receive(done, NORDLYS, true)
  await send(NORDLYS, 'virus.txt', 'test-av-viruskontroll', new Blob([EICAR])).catch((error: unknown) => {
    if (!(error instanceof TransferEnded)) throw error
  })
  await receive(await send(REGISTER, 'kunngjøringer-uke-47.xml', 'kunngjøring-47', zeros(310_000)), FJORD, false)
  await receive(await send(NORDLYS, 'arkivuttrekk-b.tar', 'uttrekk-b', zeros(6.6 * MIB)), FJORD, true)
  await send(REGISTER, 'enhetsregisteret.csv', 'enheter-2026-11', zeros(9.1 * MIB))
  await send(NORDLYS, 'arkivuttrekk-c.tar', 'uttrekk-c', zeros(22.3 * MIB))
  await send(DIGDIR, 'melding.json', 'melding-118', zeros(2100))
  const names = ['kart-nord.gml', 'kart-sor.gml', 'tegnforklaring.pdf']
  const { fileTransferGroupId: group, files } = await organizationClient(urls, REGISTER).sendGroup(
    names.map((name, index) => new File([new Uint8Array((index + 1) * 1.3 * MIB)], name)),
    { resourceId: RESOURCE, sender: REGISTER, recipients: [FJORD, NORDLYS], sendersFileTransferReference: 'kart-2026' },
  )
  await receive(files[0]?.fileTransferId ?? '', FJORD, true)
  await organizationClient(urls, FJORD).publishEncryptionKey(RESOURCE, await publicKeyOf(await newPrivateKey()))
  return { done, group }
}

async function sendSlowly(page: Page, paths: string[]) {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  const conditions = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 5 * MIB }
  await session.send('Network.emulateNetworkConditions', conditions)
  await page.locator('#file').setInputFiles(paths)
  await page.getByLabel('Fjord Regnskap AS').check()
  await page.getByRole('button', { name: `Send ${paths.length} filer` }).click()
  await page.getByText(/(3|4)\d\s%/).waitFor()
}

const stack = await startStack({ ports: 'free', console: true })
const browser = await launchChromium('nb')
const folder = await mkdtemp(join(tmpdir(), 'screenshots-'))
try {
  await mkdir(PICTURES, { recursive: true })
  const open = async (
    organization: string,
    hash: string,
    { colorScheme = 'light', viewport = { width: 1280, height: 800 } }: BrowserContextOptions = {},
  ) => {
    const context = await browser.newContext({ locale: 'nb-NO', timezoneId: 'Europe/Oslo', viewport, colorScheme })
    await context.addInitScript(`sessionStorage.setItem('console-acting', '${organization}')`)
    const page = await context.newPage()
    await page.goto(`${stack.urls.console}/${hash}`)
    return page
  }
  const shoot = async (page: Page, name: string) => {
    // Without the caret and what still moves.
    await page.screenshot({ path: join(PICTURES, `${name}.png`), animations: 'disabled' })
    console.log(`docs/console/${name}.png`)
    await page.context().close()
  }

  // The page makes the resources usable when it first comes.
  await (await open(DIGDIR, '#/inbox')).getByRole('heading', { name: 'Innboks' }).waitFor()
  const { done, group } = await fill(stack)
  const inbox = await open(FJORD, '#/inbox')
  await inbox.getByRole('link', { name: 'melding.json' }).waitFor()
  await shoot(inbox, 'inbox')

  const files = { 'følgebrev.pdf': 0.3, 'lønnsgrunnlag-2026.zip': 50, 'timelister-2026.csv': 4 }
  const paths = Object.entries(files).map(async ([name, mib]) => {
    const path = join(folder, name)
    await writeFile(path, new Uint8Array(mib * MIB))
    return path
  })
  const sending = await open(DIGDIR, '#/send')
  await sendSlowly(sending, await Promise.all(paths))
  await shoot(sending, 'sending')

  const owner = await open(DIGDIR, '#/owner', { viewport: { width: 1280, height: 1300 } })
  await owner.getByRole('region', { name: 'Ressurser' }).getByRole('rowheader', { name: RESOURCE }).waitFor()
  await owner.getByRole('region', { name: 'I dag' }).getByRole('rowheader', { name: RESOURCE }).waitFor()
  await owner.getByRole('img', { name: /Søylediagram/ }).waitFor()
  await shoot(owner, 'owner')

  const groupPage = await open(REGISTER, `#/group/${group}`)
  await groupPage.getByRole('rowheader', { name: 'tegnforklaring.pdf' }).waitFor()
  await shoot(groupPage, 'group')

  const keys = await open(FJORD, '#/keys', { viewport: { width: 1280, height: 1200 } })
  await keys.getByText(/age1/).first().waitFor()
  await shoot(keys, 'keys')

  const views = {
    transfer: {},
    dark: { colorScheme: 'dark' },
    phone: { viewport: { width: 390, height: 800 } },
  } as const
  for (const [name, options] of Object.entries(views)) {
    const transfer = await open(DIGDIR, `#/transfer/${done}`, options)
    await transfer.getByRole('heading', { name: 'Hendelser' }).waitFor()
    await shoot(transfer, name)
  }
} finally {
  await browser.close()
  await stack.stop()
  await rm(folder, { recursive: true })
}
