import { describe, expect, test } from 'vitest'
import { groupsOf } from '../../clients/console/src/state/sending/groups.js'
import {
  BrokenConnection,
  BrokerProblem,
  type InitializeFileTransferGroup,
} from '../../clients/typescript/src/index.js'
import { initializeGroup } from '../../src/http/contract/requests/groupRequests.js'
import { KARI, OWNER, RESOURCE } from '../support/journey.js'

const sendingOf = (reference = 'ref') => ({
  resourceId: RESOURCE,
  sendersFileTransferReference: reference,
  sender: OWNER,
  recipients: [KARI],
})
const members = (...names: string[]) => names.map((name) => ({ id: `job of ${name}`, file: { name } }))

/** As of a browser, for as long as the test. */
function storage() {
  const texts = new Map<string, string>()
  return {
    texts,
    getItem: (key: string) => texts.get(key) ?? null,
    setItem: (key: string, text: string) => void texts.set(key, text),
    removeItem: (key: string) => void texts.delete(key),
  }
}

/** Broker, whose answers are these; undefined: the group. */
function brokerOf(...answers: (Error | undefined)[]) {
  const calls: { request: InitializeFileTransferGroup; key: string | undefined }[] = []
  return {
    calls,
    async initializeGroup(
      request: InitializeFileTransferGroup,
      { idempotencyKey: key }: { idempotencyKey?: string } = {},
    ) {
      calls.push({ request, key })
      const refused = answers.shift()
      if (refused) throw refused
      return {
        fileTransferGroupId: 'group',
        fileTransferIds: request.files.map(({ fileName }) => `transfer of ${fileName}`),
      }
    },
  }
}
const lost = new BrokenConnection('no answer')

describe('the group of a form', () => {
  test('is initialized with its files in their order, as Broker takes it', async () => {
    const broker = brokerOf()

    const group = await groupsOf(broker, 'https://broker', storage()).initialize(sendingOf(), members('a', 'b'))

    expect(group.id).toBe('group')
    expect([...group.transfers]).toEqual([
      ['job of a', 'transfer of a'],
      ['job of b', 'transfer of b'],
    ])
    const [call] = broker.calls
    expect(initializeGroup.parse(call?.request).files.map(({ fileName }) => fileName)).toEqual(['a', 'b'])
  })

  test('is the same when it is tried again, also without one of its files', async () => {
    const [broker, kept, sending] = [brokerOf(lost), storage(), sendingOf()]
    const groups = groupsOf(broker, 'https://broker', kept)
    expect(groups.hasBegun(sending)).toBe(false)
    await expect(groups.initialize(sending, members('a', 'b'))).rejects.toBe(lost)
    expect(groups.hasBegun(sending)).toBe(true)
    // The browser has no room for it.
    kept.texts.clear()

    const { transfers } = await groups.initialize(sending, members('b'))

    expect(broker.calls[1]).toEqual(broker.calls[0])
    expect(transfers.get('job of b')).toBe('transfer of b')
  })

  test('is the same when the form is sent again after a reload, until Broker has answered', async () => {
    const [broker, kept] = [brokerOf(lost), storage()]
    const sendAnew = () => groupsOf(broker, 'https://broker', kept).initialize(sendingOf(), members('a', 'b'))
    await expect(sendAnew()).rejects.toBe(lost)

    await sendAnew()
    await sendAnew()

    const [first, second, third] = broker.calls.map(({ key }) => key)
    expect(second).toBe(first)
    expect(third).not.toBe(first)
    expect(kept.texts.size).toBe(0)
  })

  test.each([
    ['another one when Broker has refused it', new BrokerProblem(400, {}), false],
    ['the same when the token has run out', new BrokerProblem(401, {}), true],
  ])('is %s', async (_, refused, isSame) => {
    const [broker, kept, sending] = [brokerOf(refused), storage(), sendingOf()]
    const groups = groupsOf(broker, 'https://broker', kept)
    await expect(groups.initialize(sending, members('a'))).rejects.toBe(refused)

    await groups.initialize(sending, members('a'))

    const [first, second] = broker.calls
    expect(second?.key === first?.key).toBe(isSame)
  })
})
