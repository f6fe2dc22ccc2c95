import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test, vi } from 'vitest'
import { startCountingProxy } from '../support/countingProxy.js'
import { KARI, ownJourney, POLLING } from '../support/journey.js'
import { redirect } from '../support/redirect.js'

const MIB = 2 ** 20
const SIZE = 64 * MIB
const ABORTS = 60
const AT_ONCE = 10
/** More than the sockets on the way take for a client that does not read. */
const ON_THE_WAY = 16 * MIB

let proxy: Awaited<ReturnType<typeof startCountingProxy>>
afterAll(() => proxy?.stop())
const journey = await ownJourney(async ({ UnscannedBlobs: usual = '' }) => {
  const redirected = await redirect(usual, startCountingProxy)
  proxy = redirected.proxy
  return { UnscannedBlobs: redirected.setting }
})

test(`${ABORTS} downloads that are aborted read next to nothing, leave no stream open, and give way to the next`, async () => {
  const id = await journey.sent(Buffer.alloc(SIZE, 'x'), 'Published', { disableVirusScan: true })
  const token = await journey.token(KARI, 'altinn:broker.read')
  const { hostname, port } = new URL(journey.stack.urls.app)
  /** A client that asks, reads nothing, and leaves after so long. */
  const askAndLeave = async (afterMs: number) => {
    const socket = connect(Number(port), hostname).on('error', () => {})
    const lines = [
      `GET /broker/api/v1/filetransfer/${id}/download HTTP/1.1`,
      'host: x',
      `authorization: Bearer ${token}`,
    ]
    await new Promise<void>((sent) => socket.write(`${lines.join('\r\n')}\r\n\r\n`, () => sent()))
    await pause(afterMs)
    socket.destroy()
  }
  const { receivedBytes } = proxy.seen

  for (let started = 0; started < ABORTS; started += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => askAndLeave(((started + index) * 50) / ABORTS)))
  }

  await vi.waitFor(() => expect(proxy.seen.connections).toBeLessThanOrEqual(AT_ONCE), POLLING)
  expect((proxy.seen.receivedBytes - receivedBytes) / ABORTS).toBeLessThan(ON_THE_WAY)
  // Each of them is a change of the transfer, and changes of one transfer queue up.
  const whole = await vi.waitFor(async () => {
    const answer = await journey.download(KARI, id)
    if (!answer.ok) throw new Error(await answer.text())
    return answer
  }, POLLING)
  expect((await whole.arrayBuffer()).byteLength).toBe(SIZE)
})
