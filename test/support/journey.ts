import { createHash, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { BlobServiceClient } from '@azure/storage-blob'
import { afterAll, inject, vi } from 'vitest'
import type { StackOptions, Stack as StartedStack } from '../../local/stack.js'
import { ownStack } from './ownStack.js'
import { foreignStack, runningStack } from './runningStack.js'
import { DEADLINE_MS } from './until.js'

// Broker as its users meet it: HTTP calls with the tokens of organisations, and the events that Altinn got.

export const OWNER = '991825827'
export const KARI = '986252932'
export const OLA = '910753614'
export const STRANGER = '974760673'
export const RESOURCE = 'altinn-broker-test-resource-1'

export type Stack = StartedStack
/** What can be sent; a stream goes without a declared length. */
export type Body = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | FormData
type Send = { method?: string; body?: Body; headers?: Record<string, string>; token?: string }
export type Details = Record<string, unknown> & {
  fileTransferStatus: string
  fileTransferStatusText: string
  fileTransferStatusHistory: { fileTransferStatus: string; fileTransferStatusChanged: string }[]
  recipientFileTransferStatusHistory: { recipient: string; recipientFileTransferStatusCode: string }[]
}
export type ReceivedEvent = { id: string; type: string; alternativesubject: string; data: { Role: string } }

/** For how long a test waits for what happens by itself. */
export const POLLING = { timeout: DEADLINE_MS, interval: 100 }
/** For what a timer is run for until it is done, or takes half a minute by itself. */
export const SLOW_POLLING = { ...POLLING, interval: 500 }

type StartOptions = {
  isEmpty?: boolean
  /** The tests stop the app, and start it again. */
  isStopped?: boolean
  headers?: Record<string, string>
  log?: (line: string) => void
  /** The folder of the app, if it is not the project. */
  appFolder?: string
}
export type Journey = ReturnType<typeof journeyOn>

/**
 * A stack that the files share which ask for the same settings: for tests that neither stop it, nor read its log, nor
 * order faults of it, nor measure it. Each file has a resource of its own there. All calls have these headers.
 */
export async function sharedJourney(
  settings: Record<string, string> = {},
  { headers = {} }: { headers?: Record<string, string> } = {},
): Promise<Journey> {
  const running = runningStack(process.env, { settings, ownBecause: [] })
  const journey = journeyOn(running ?? (await sharedStack(settings)), headers, `new-${randomUUID()}`)
  await journey.configure(journey.resourceId, {})
  return journey
}

async function sharedStack(settings: Record<string, string>): Promise<Stack> {
  const answer = await fetch(inject('sharedStacks'), { method: 'POST', body: JSON.stringify(settings) })
  return foreignStack((await (await expectOk(Promise.resolve(answer))).json()) as Stack)
}

/** A stack of its own for the tests of one file, as `startJourney` gives it, which is stopped after them. */
export async function ownJourney(...asked: Parameters<typeof startJourney>): Promise<Journey> {
  let journey: Journey | undefined
  afterAll(() => journey?.end())
  journey = await startJourney(...asked)
  return journey
}

/** A stack of its own, with the owner and the demo resource unless `empty`. All calls have these headers. */
export async function startJourney(
  settings: StackOptions['settings'] = {},
  { isEmpty = false, isStopped = false, headers = {}, log, appFolder }: StartOptions = {},
): Promise<Journey> {
  const asked = {
    settings: typeof settings === 'function' ? {} : settings,
    ownBecause: [
      ...(isEmpty ? ['it must be empty'] : []),
      ...(isStopped ? ['its app is stopped'] : []),
      ...(log ? ['its log is read'] : []),
      ...(typeof settings === 'function' ? ['its settings are made here'] : []),
    ],
  }
  const running = appFolder === undefined ? runningStack(process.env, asked) : undefined
  const stack =
    running ?? (await ownStack({ settings, ...(log && { log }), ...(appFolder !== undefined && { appFolder }) }))
  const journey = journeyOn(stack, headers)
  if (!isEmpty) await journey.configure(RESOURCE, {})
  return journey
}

function journeyOn(stack: Stack, always: Record<string, string>, resourceId = RESOURCE) {
  const api = `${stack.urls.app}/broker/api/v1`

  const token = async (org: string, scope: string, more: Record<string, string> = {}): Promise<string> =>
    (await fetch(`${stack.urls.altinn}/token?${new URLSearchParams({ org, scope, ...more })}`)).text()

  const call = async (
    path: string,
    { method = 'GET', body, headers = {}, token: bearer }: Send = {},
  ): Promise<Response> =>
    fetch(path.startsWith('/') ? stack.urls.app + path : `${api}/${path}`, {
      method,
      headers: { ...always, ...(bearer && { authorization: `Bearer ${bearer}` }), ...headers },
      ...(body !== undefined && { body, duplex: 'half' }),
    } as RequestInit)

  const tokens = new Map<string, Promise<string>>()
  const as = async (org: string, scope: string, path: string, send: Send = {}): Promise<Response> => {
    const known = tokens.get(`${org} ${scope}`) ?? token(org, scope)
    tokens.set(`${org} ${scope}`, known)
    return call(path, { ...send, token: await known })
  }

  const json = (value: unknown): Send => ({
    body: JSON.stringify(value),
    headers: { 'content-type': 'application/json' },
  })

  const request = (more: Record<string, unknown> = {}) => ({
    fileName: 'søknad æøå.pdf',
    resourceId,
    sendersFileTransferReference: randomUUID(),
    sender: `0192:${OWNER}`,
    recipients: [`0192:${KARI}`, `0192:${OLA}`],
    ...more,
  })

  const initialize = async (more: Record<string, unknown> = {}): Promise<string> => {
    const send = { method: 'POST', ...json(request(more)) }
    const response = await expectOk(as(OWNER, 'altinn:broker.write', 'filetransfer', send))
    return ((await response.json()) as { fileTransferId: string }).fileTransferId
  }

  const upload = (id: string, body: Body): Promise<Response> => {
    const headers = { 'content-type': 'application/octet-stream' }
    return as(OWNER, 'altinn:broker.write', `filetransfer/${id}/upload`, { method: 'POST', body, headers })
  }

  const details = async (id: string): Promise<Details> =>
    (await expectOk(as(OWNER, 'altinn:broker.write', `filetransfer/${id}/details`))).json() as Promise<Details>

  return {
    stack,
    resourceId,
    token,
    call,
    as,
    json,
    request,
    initialize,
    upload,
    details,

    /** Registers the owner, if need be, and configures one of its resources. */
    async configure(resourceId: string, settings: Record<string, unknown>): Promise<void> {
      const registered = await as(OWNER, 'altinn:serviceowner', 'serviceowner', {
        method: 'POST',
        ...json({ name: 'Digdir' }),
      })
      if (registered.status !== 409) await expectOk(Promise.resolve(registered))
      await expectOk(as(OWNER, 'altinn:serviceowner', `resource/${resourceId}`, { method: 'PUT', ...json(settings) }))
    },

    /** A transfer of this file that has come as far as `status`. */
    async sent(file: Body, status = 'Published', more: Record<string, unknown> = {}): Promise<string> {
      const id = await initialize(more)
      await expectOk(upload(id, file))
      await this.reached(id, status)
      return id
    },

    download: (org: string, id: string, headers: Record<string, string> = {}): Promise<Response> =>
      as(org, 'altinn:broker.read', `filetransfer/${id}/download`, { headers }),

    confirm: (org: string, id: string): Promise<Response> =>
      as(org, 'altinn:broker.read', `filetransfer/${id}/confirmdownload`, { method: 'POST' }),

    /** Waits until the transfer has this status. */
    reached: (id: string, status: string): Promise<Details> =>
      vi.waitFor(async () => {
        const now = await details(id)
        if (now.fileTransferStatus !== status) throw new Error(`${id} is ${now.fileTransferStatus}, not ${status}`)
        return now
      }, POLLING),

    /** Runs a timer function now. */
    async runTimer(name: string): Promise<void> {
      const send = { method: 'POST', ...json({ input: '' }) }
      await expectOk(call(`/admin/functions/${name}`, send))
    },

    /** The events of a transfer at Altinn, each id once, as `type > organisation as role`, sorted. */
    async events(id: string): Promise<string[]> {
      const received = (await (await fetch(`${stack.urls.altinn}/events?resourceinstance=${id}`)).json()) as {
        event: ReceivedEvent
      }[]
      const once = new Map(received.map(({ event }) => [event.id, event]))
      return [...once.values()]
        .map(({ type, alternativesubject, data }) => {
          return `${type.replace('no.altinn.broker.', '')} > ${alternativesubject.replace('/organisation/', '')} as ${data.Role}`
        })
        .sort()
    },

    /** The names of the blobs that are stored for a transfer in either account. */
    async storedBlobs(id: string): Promise<string[]> {
      const accounts = [stack.settings.ScannedBlobs, stack.settings.UnscannedBlobs].map((connectionString = '') =>
        BlobServiceClient.fromConnectionString(connectionString).getContainerClient(`serviceowner-${OWNER}`),
      )
      const blobs = accounts.map((container) => Array.fromAsync(container.listBlobsFlat({ prefix: `${id}/` })))
      return (await Promise.all(blobs)).flat().map(({ name }) => name)
    },

    /** Memory of the app's process in MiB: what it holds now, or the most that it has held. */
    async memory(which: 'VmRSS' | 'VmHWM'): Promise<number> {
      const status = await readFile(`/proc/${stack.appPid}/status`, 'utf8')
      return Number(new RegExp(`${which}:\\s+(\\d+)`).exec(status)?.[1]) / 1024
    },

    /** Stops the stack. */
    end: () => stack.stop(),
  }
}

/** The response, when it is a good one. @throws with what it says otherwise. */
export async function expectOk(answer: Promise<Response>): Promise<Response> {
  const response = await answer
  if (!response.ok) throw new Error(`${response.status} ${response.url}: ${await response.text()}`)
  return response
}

/** Status and Broker's code of a refusal, `404 BRO-00001`. */
export async function refusalOf(answer: Promise<Response>): Promise<string> {
  const response = await answer
  const text = await response.text()
  const code = text.startsWith('{') ? (JSON.parse(text) as { code?: string }).code : undefined
  return [response.status, code].filter(Boolean).join(' ')
}

export const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')

/** The whole body of a response. */
export const bytesOf = async (response: Response): Promise<Uint8Array> => new Uint8Array(await response.arrayBuffer())

/** The same bytes as a stream, without a declared length. */
export const chunked = (bytes: Uint8Array): ReadableStream<Uint8Array> => new Blob([new Uint8Array(bytes)]).stream()
