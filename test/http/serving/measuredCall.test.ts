import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { Measurement } from '../../../src/domain/projections/metrics.js'
import { takeResponse } from '../../../src/http/serving/backpressure.js'
import { measuredCall } from '../../../src/http/serving/measuredCall.js'

const functions = createRequire(import.meta.url)('@azure/functions') as typeof import('@azure/functions')

const invocation = (type = 'httpTrigger', invocationId = 'none') =>
  new functions.InvocationContext({
    functionName: 'uploadFile',
    invocationId,
    options: { trigger: { type, name: 'trigger' }, extraInputs: [], extraOutputs: [] },
  })

/** Measures as the app does, by a clock that shows a second more each time. */
function measuring() {
  const measured: Measurement[] = []
  let seconds = 0
  const deps = {
    measure: (...[metric, value, attributes = {}]: [Measurement['metric'], number, Record<string, string>?]) =>
      void measured.push({ metric, value, attributes }),
    nowMs: () => 1000 * seconds++,
  }
  return { deps, measured }
}
const of = (outcome: string) => [{ metric: 'requestTime', value: 1, attributes: { operation: 'uploadFile', outcome } }]

/** What the function is called with. */
const NO_WAIT = { query: new URLSearchParams() }

describe('a call', () => {
  test.each([
    [200, 'served'],
    [206, 'served'],
    [302, 'served'],
    [399, 'served'],
    [400, 'refused'],
    [404, 'refused'],
    [429, 'refused'],
    [499, 'refused'],
    [500, 'failed'],
    [503, 'failed'],
    [undefined, 'served'],
  ])('that is answered with %s is %s', async (status, outcome) => {
    const { deps, measured } = measuring()
    const answer = { status }

    expect(await measuredCall(deps, invocation(), NO_WAIT, async () => answer)).toBe(answer)

    expect(measured).toEqual(of(outcome))
  })

  test('that throws has failed, and throws on', async () => {
    const { deps, measured } = measuring()
    const broken = new Error('broken')

    await expect(measuredCall(deps, invocation(), NO_WAIT, () => Promise.reject(broken))).rejects.toBe(broken)

    expect(measured).toEqual(of('failed'))
  })

  test('that gives nothing is served, as the library does', async () => {
    const { deps, measured } = measuring()

    await measuredCall(deps, invocation(), NO_WAIT, async () => undefined)

    expect(measured).toEqual(of('served'))
  })

  test.each(['serviceBusTrigger', 'timerTrigger'])('is not what a %s brings', async (type) => {
    const { deps, measured } = measuring()

    await measuredCall(deps, invocation(type), NO_WAIT, async () => undefined)

    expect(measured).toEqual([])
  })

  test('that waits on purpose has a name of its own', async () => {
    const { deps, measured } = measuring()

    await measuredCall(deps, invocation(), { query: new URLSearchParams('waitFor=Published') }, async () => undefined)

    expect(measured).toMatchObject([{ attributes: { operation: 'uploadFile.wait', outcome: 'served' } }])
  })

  // As the Functions host forwards it: when its own client leaves, it breaks the connection to the worker.
  test.each([
    ['leaves in the middle of its body is not a failure', true, 'left'],
    ['stays is answered, and that counts', false, 'failed'],
  ])('whose client %s', async (_, leaves, outcome) => {
    const { deps, measured } = measuring()
    const { promise: done, resolve } = Promise.withResolvers<void>()
    const server = createServer(async (request, response) => {
      await measuredCall(deps, invocation('httpTrigger', 'one'), NO_WAIT, async () => {
        takeResponse('one')
        await request.forEach(() => {}).catch(() => {}) // as an upload that is broken off
        return { status: 500 }
      })
      response.writeHead(500).end()
      resolve()
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {})
    client.write(
      'POST / HTTP/1.1\r\nhost: x\r\nx-ms-invocation-id: one\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n',
    )
    await once(server, 'request')

    if (leaves) client.destroy()
    else client.write('0\r\n\r\n')

    await done
    expect(measured).toEqual(of(outcome))
    client.destroy()
    server.close()
  })
})
