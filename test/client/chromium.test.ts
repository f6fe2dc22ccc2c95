import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { build } from 'esbuild'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newPrivateKey, publicKeyOf } from '../../clients/typescript/src/index.js'
import { closeHttpServer, listenOnLoopback } from '../../local/loopback.js'
import { chromiumPath, launchChromium, NO_CHROMIUM } from '../../tools/chromium.js'
import { clientOf } from '../support/clientOf.js'
import { installedPackage } from '../support/installedPackage.js'
import { bytesOf, type Journey, KARI, md5, OWNER, RESOURCE, startJourney } from '../support/journey.js'

const MIB = 2 ** 20
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' }
const isMissing = chromiumPath(process.env) === undefined
if (isMissing) console.warn(`The client is not tested in a browser. ${NO_CHROMIUM}`)

/** A page with a bundle of the example for browsers, and of what a test asks of it. */
const PAGE =
  '<!doctype html><input type="file"><progress></progress><a></a><script type="module" src="/page.js"></script>'
const MAIN = `import {
  brokerClient, blobSink, decryptingSink, webCiphertextStore, webResumeStore,
} from '@altinn/broker-client'
const { brokerUrl } = await (await fetch('/sending')).json()
const clientAs = (organization) =>
  brokerClient({ baseUrl: brokerUrl, token: async () => (await fetch('/token?org=' + organization)).text() })
globalThis.receive = async (organization, id) => {
  const sink = blobSink()
  const { md5, isVerified } = await clientAs(organization).receive(id, sink, { confirm: true })
  return { md5, isVerified, size: sink.blob().size }
}
globalThis.refusal = (organization, id) =>
  clientAs(organization).getFileTransfer(id).catch(({ name, status, code }) => ({ name, status, code }))
const folder = () => navigator.storage.getDirectory()
globalThis.sendEncrypted = async (organization, sending, size, stopAt) => {
  const file = new File([Uint8Array.from({ length: size }, (_, at) => at % 251)], 'a.bin', { lastModified: 1 })
  const stop = new AbortController()
  const reported = []
  let id
  const sent = await clientAs(organization)
    .send(file, sending, {
      encrypt: { store: webCiphertextStore(await folder()) },
      resume: webResumeStore(localStorage),
      chunkBytes: 2 ** 20,
      oneShotBytes: 2 ** 20,
      signal: stop.signal,
      onProgress({ fileTransferId, sentBytes }) {
        id = fileTransferId
        reported.push(sentBytes)
        if (sentBytes >= stopAt) stop.abort()
      },
    })
    .catch(({ name }) => ({ status: name }))
  const kept = await Array.fromAsync((await folder()).keys())
  return { id, status: sent.status, first: reported[0], kept: kept.length }
}
globalThis.decrypted = async (organization, id, privateKey) => {
  const sink = blobSink()
  await clientAs(organization).receive(id, decryptingSink(sink, { privateKeys: [privateKey] }))
  const bytes = new Uint8Array(await sink.blob().arrayBuffer())
  return { size: bytes.length, areRight: bytes.every((byte, at) => byte === at % 251) }
}
document.title = 'ready'`

describe.skipIf(isMissing)('the package in Chromium', () => {
  let journey: Journey
  let browser: Browser
  let installed: Awaited<ReturnType<typeof installedPackage>>
  let origin: string
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://page')
    const answer = (type: string, text: string) => void response.setHeader('content-type', type).end(text)
    if (pathname === '/') return answer('text/html', PAGE)
    if (pathname === '/page.js') return answer('text/javascript', await bundle())
    if (pathname === '/token') return answer('text/plain', await tokenOf(searchParams.get('org') ?? OWNER))
    if (pathname === '/sending') return answer('application/json', JSON.stringify(sendingOnPage()))
    const file = pathname.startsWith('/modules/')
      ? join(installed.folder, 'node_modules', pathname.slice('/modules/'.length))
      : join(installed.own, 'examples', pathname)
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream')
    await pipeline(createReadStream(file), response).catch(() => response.destroy())
  })
  const tokenOf = (org: string) => journey.token(org, 'altinn:broker.write altinn:broker.read')
  const sendingOnPage = () => ({
    brokerUrl: journey.stack.urls.app,
    sending: {
      resourceId: RESOURCE,
      sendersFileTransferReference: 'page',
      sender: OWNER,
      recipients: [KARI],
    },
  })
  const bundle = async () => {
    const { folder: absWorkingDir, folder: resolveDir } = installed
    const made = await build({
      absWorkingDir,
      stdin: { contents: MAIN, resolveDir },
      bundle: true,
      format: 'esm',
      write: false,
    })
    return made.outputFiles[0]?.text ?? ''
  }

  beforeAll(async () => {
    installed = await installedPackage()
    origin = `http://127.0.0.1:${await listenOnLoopback(server, 0)}`
    journey = await startJourney({ CORS_ORIGINS: origin })
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    await closeHttpServer(server)
    await journey?.end()
    await installed?.remove()
  })

  const open = async (path: string) => {
    const page = await (await browser.newContext()).newPage()
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    await page.goto(origin + path)
    return { page, errors }
  }

  test('sends what a user has chosen, by TUS, from a page with an import map', async () => {
    const bytes = randomBytes(20 * MIB)
    const { page, errors } = await open('/importMap.html')

    await page.setInputFiles('input', { name: 'regnskap æøå.zip', mimeType: 'application/zip', buffer: bytes })
    await expect.poll(() => page.locator('output').textContent(), { timeout: 60_000 }).toMatch(/ Published /)

    const [id = '', , sum] = (await page.locator('output').textContent())?.split(' ') ?? []
    expect([sum, errors]).toEqual([md5(bytes), []])
    expect(await journey.details(id)).toMatchObject({ fileName: 'regnskap æøå.zip', checksum: md5(bytes) })
    expect(Buffer.from(await bytesOf(await journey.download(KARI, id))).equals(bytes)).toBe(true)
  })

  test('receives, verifies and confirms, on a page with a bundle', async () => {
    const bytes = new Uint8Array(randomBytes(3 * MIB))
    const id = await journey.sent(bytes, 'Published', { recipients: [`0192:${KARI}`] })
    const { page, errors } = await open('/')
    await page.waitForFunction("document.title === 'ready'")

    expect(await page.evaluate(`receive('${KARI}', '${id}')`)).toEqual({
      md5: md5(bytes),
      isVerified: true,
      size: bytes.length,
    })
    await journey.reached(id, 'AllConfirmedDownloaded')
    expect(errors).toEqual([])
  })

  test('sends an encrypted file, and resumes it with the same bytes after the page was loaded anew', async () => {
    const size = 4 * MIB + 7
    const privateKey = await newPrivateKey()
    await clientOf(journey, KARI).publishEncryptionKey(RESOURCE, await publicKeyOf(privateKey))
    const { page, errors } = await open('/')
    const send = async (stopAt: number) => {
      await page.waitForFunction("document.title === 'ready'")
      return page.evaluate(`sendEncrypted('${OWNER}', ${JSON.stringify(sendingOnPage().sending)}, ${size}, ${stopAt})`)
    }

    const first = await send(MIB)
    await page.reload()
    const second = (await send(Number.MAX_SAFE_INTEGER)) as { id: string; first: number }

    expect(first).toEqual({ id: expect.any(String), status: 'AbortError', first: 0, kept: 1 })
    expect(second).toEqual({
      ...(first as object),
      status: 'Published',
      first: expect.toSatisfy((bytes) => bytes >= MIB),
      kept: 0,
    })
    expect(await page.evaluate(`decrypted('${KARI}', '${second.id}', '${privateKey}')`)).toEqual({
      size,
      areRight: true,
    })
    expect(errors).toEqual([])
  })

  test('reads why it is refused', async () => {
    const { page } = await open('/')
    await page.waitForFunction("document.title === 'ready'")

    expect(await page.evaluate(`refusal('${KARI}', '4a1f7a50-3f0b-4e53-9d4a-6f1d6a7a2b11')`)).toEqual({
      name: 'BrokerProblem',
      status: 404,
      code: 'BRO-00001',
    })
  })
})
