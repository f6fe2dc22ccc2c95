import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { expectOk, type Journey, OWNER, POLLING, startJourney } from '../support/journey.js'
import { selfSigned } from '../support/selfSigned.js'

type Item = { name: string; tags: Record<string, string>; data: { baseData: Record<string, unknown> } }

/** What Azure Monitor was sent. */
const items: Item[] = []
let endpoint: Server
let journey: Journey
beforeAll(async () => {
  endpoint = createServer(selfSigned(), async (request, response) => {
    const body = await buffer(request)
    const text = String(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body)
    const sent: Item[] = text.startsWith('[') ? JSON.parse(text) : text.split('\n').map((line) => JSON.parse(line))
    items.push(...sent)
    const answer = { itemsReceived: sent.length, itemsAccepted: sent.length, errors: [] }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
  })
  await new Promise<void>((listening) => endpoint.listen(0, '127.0.0.1', listening))
  const { port } = endpoint.address() as AddressInfo
  const at = `https://127.0.0.1:${port}/`
  journey = await startJourney({
    APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=00000000-0000-4000-8000-000000000000;IngestionEndpoint=${at};LiveEndpoint=${at}`,
    APPLICATION_INSIGHTS_NO_STATSBEAT: 'true',
    NODE_TLS_REJECT_UNAUTHORIZED: '0', // for the endpoint's own certificate
    OTEL_BSP_SCHEDULE_DELAY: '200',
  })
})
afterAll(async () => {
  await journey.end()
  endpoint.close()
})

describe('where Azure Monitor collects', () => {
  test('an upload is one trace with its storage and its event, and says nothing of the file', async () => {
    const trace = `${'a'.repeat(31)}1`
    const id = await journey.initialize({ disableVirusScan: true })
    const headers = { 'content-type': 'application/octet-stream', traceparent: `00-${trace}-00f067aa0ba902b7-01` }
    const send = { method: 'POST', body: 'hello', headers }

    await expectOk(journey.as(OWNER, 'altinn:broker.write', `filetransfer/${id}/upload`, send))

    const names = await vi.waitFor(() => {
      const ofTrace = items.filter(({ tags }) => tags['ai.operation.id'] === trace)
      const found = ofTrace.map(({ data, tags }) => String(data.baseData.name ?? tags['ai.operation.name']))
      expect(found).toContain('uploadFile')
      expect(found.some((name) => name.includes('altinn events'))).toBe(true)
      return found
    }, POLLING)
    expect(names.filter((name) => /Table/.test(name)).length).toBeGreaterThan(0)
    expect(names.filter((name) => /Blob/.test(name)).length).toBeGreaterThan(0)
    expect(JSON.stringify(items)).not.toMatch(/søknad|%C3%B8knad|\$filter=[^R]/)
  })

  test('what is measured arrives when the app stops, at the latest', async () => {
    await journey.sent('hello', 'Published', { disableVirusScan: true })

    await journey.end()

    const measured = items.flatMap(({ data }) => (data.baseData.metrics as { name: string }[] | undefined) ?? [])
    expect(measured.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'broker.filetransfers',
        'broker.upload.duration',
        'broker.event.deliveries',
        'broker.request.duration',
        'broker.event.delay',
      ]),
    )
    const outcomes = items.flatMap(
      ({ data }) => (data.baseData.properties as { outcome?: string } | undefined)?.outcome ?? [],
    )
    expect(outcomes).toEqual(expect.arrayContaining(['served', 'inTime']))
  })
})
