import { get, type IncomingMessage, request } from 'node:http'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { refusal } from './refusal.js'

/** Where the stack answers; no slash at the end. */
export type Addresses = { app: string; altinn: string }

export type Initialize = {
  fileName: string
  resourceId: string
  sender: string
  recipients: string[]
  sendersFileTransferReference: string
}

const created = z.object({ fileTransferId: z.uuid() })
const details = z.object({
  fileTransferStatus: z.string(),
  fileTransferStatusText: z.string(),
  fileTransferSize: z.number(),
  checksum: z.string().nullable(),
  fileTransferStatusHistory: z
    .array(z.object({ fileTransferStatus: z.string(), fileTransferStatusChanged: z.string() }))
    .default([]),
  recipientFileTransferStatusHistory: z
    .array(
      z.object({
        recipient: z.string(),
        recipientFileTransferStatusCode: z.string(),
        recipientFileTransferStatusChanged: z.string(),
      }),
    )
    .default([]),
})
const received = z.array(
  z.object({
    event: z.object({
      id: z.string(),
      type: z.string(),
      time: z.string(),
      subject: z.string(),
      alternativesubject: z.string().optional(),
      data: z.object({ Role: z.string() }).optional(),
    }),
  }),
)

export type Details = z.infer<typeof details>
export type ReceivedEvent = z.infer<typeof received>[number]['event']
export type Broker = ReturnType<typeof brokerOn>

const SCOPES = 'altinn:serviceowner altinn:broker.write altinn:broker.read'

/** Broker's HTTP API as any organisation may call it. Each call @throws one sentence when it is refused. */
export function brokerOn({ app, altinn }: Addresses) {
  const files = `${app}/broker/api/v1/filetransfer`

  const authorization = async (organization: string) => {
    const query = new URLSearchParams({ org: organization, scope: SCOPES })
    return `Bearer ${await (await fetch(`${altinn}/token?${query}`)).text()}`
  }

  const call = async (organization: string, method: string, url: string, body?: unknown) => {
    const headers: Record<string, string> = { authorization: await authorization(organization) }
    if (body !== undefined) headers['content-type'] = 'application/json'
    return fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  }

  const orThrow = async (what: string, response: Response, ...accepted: number[]) => {
    const answer = await response.text()
    if (!accepted.includes(response.status)) throw refusal(what, response.status, answer)
    return answer
  }

  return {
    /** Also fine when the organisation is a service owner already. */
    registerServiceOwner: async (owner: string, name: string) => {
      const response = await call(owner, 'POST', `${app}/broker/api/v1/serviceowner`, { name })
      await orThrow('Registering the service owner', response, 200, 409)
    },
    configureResource: async (owner: string, resourceId: string) => {
      const url = `${app}/broker/api/v1/resource/${encodeURIComponent(resourceId)}`
      await orThrow('Configuring the resource', await call(owner, 'PUT', url, {}), 204)
    },
    /** The id of the new transfer; undefined while the storage of the service owner is being made ready. */
    initialize: async (sender: string, asked: Initialize) => {
      const response = await call(sender, 'POST', files, asked)
      if (response.status === 503) return undefined
      return created.parse(JSON.parse(await orThrow('Initializing', response, 200))).fileTransferId
    },
    /** Sends the stream in chunks, without telling its length. */
    upload: async (sender: string, id: string, content: Readable) => {
      const sending = request(`${files}/${id}/upload`, {
        method: 'POST',
        headers: {
          authorization: await authorization(sender),
          'content-type': 'application/octet-stream',
          'transfer-encoding': 'chunked',
        },
      })
      const response = answerTo(sending)
      const sent = pipeline(content, sending)
      // A refusal may come before everything is sent; then it is the refusal that counts.
      sent.catch(() => undefined)
      const { statusCode = 0, ...answer } = await response.then(readWhole)
      if (statusCode !== 200) {
        content.destroy()
        throw refusal('Uploading', statusCode, answer.body)
      }
      await sent
    },
    overview: async (caller: string, id: string) => {
      const response = await call(caller, 'GET', `${files}/${id}`)
      return details.parse(JSON.parse(await orThrow('Asking for the status', response, 200)))
    },
    details: async (caller: string, id: string) => {
      const response = await call(caller, 'GET', `${files}/${id}/details`)
      return details.parse(JSON.parse(await orThrow('Asking for the details', response, 200)))
    },
    /** The file as a stream, and the name and size it is announced with. */
    download: async (recipient: string, id: string) => {
      const headers = { authorization: await authorization(recipient) }
      const response = await answerTo(get(`${files}/${id}/download`, { headers }))
      if (response.statusCode !== 200) throw refusal('Downloading', response.statusCode ?? 0, await text(response))
      return {
        content: response,
        sizeBytes: Number(response.headers['content-length']),
        fileName: extendedFileName(response.headers['content-disposition'] ?? ''),
      }
    },
    confirmDownload: async (recipient: string, id: string) => {
      const response = await call(recipient, 'POST', `${files}/${id}/confirmdownload`)
      await orThrow('Confirming the download', response, 204)
    },
    /** What Altinn Events has received about the transfer, repeats included. */
    receivedEvents: async (id: string) => {
      const response = await fetch(`${altinn}/events?resourceinstance=${id}`)
      return received.parse(await response.json()).map(({ event }) => event)
    },
  }
}

const answerTo = (sending: ReturnType<typeof request>) =>
  new Promise<IncomingMessage>((resolve, reject) => sending.once('response', resolve).once('error', reject))

const readWhole = async (response: IncomingMessage) => ({
  statusCode: response.statusCode,
  body: await text(response),
})

/** RFC 8187: the name in `filename*`, which is told in full whatever its letters. */
function extendedFileName(contentDisposition: string): string | undefined {
  const encoded = /filename\*=UTF-8''([^;\s]+)/i.exec(contentDisposition)?.[1]
  return encoded === undefined ? undefined : decodeURIComponent(encoded)
}
