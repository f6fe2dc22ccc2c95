import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { statusWait } from '../../../src/http/contract/requests/waitQueries.js'
import { parseQuery } from '../../../src/http/input/jsonInput.js'
import { endingOf } from '../../../src/http/serving/endingOf.js'
import { didNotWait, statusWaitOf } from '../../../src/http/serving/waiting.js'

const queried = (query: string) => parseQuery(statusWait, new URLSearchParams(query))
const waited = (query: string) => {
  const parsed = queried(query)
  return 'value' in parsed ? statusWaitOf(parsed.value, () => AbortSignal.abort()) : parsed
}

describe('the query of a wait', () => {
  test('waits for 30 seconds unless it says otherwise', () => {
    expect(waited('waitFor=Published')).toMatchObject({ status: 'Published', seconds: 30 })
    expect(waited('waitfor=published&TIMEOUT=60')).toMatchObject({ status: 'Published', seconds: 60 })
  })

  test('waits for nothing when it names no status', () => {
    expect(waited('')).toBeUndefined()
    expect(waited('waitFor=&x=1')).toBeUndefined()
  })

  test.each(['0', '61', '-1', '1.5', '1e1', '0x10', '1000', 'ten'])('takes no timeout of %s', (timeout) => {
    expect(waited(`waitFor=Published&timeout=${timeout}`)).toEqual({
      errors: { timeout: ['timeout is a whole number, from 1 to 60.'] },
    })
  })

  test('takes no timeout alone, and no status that there is not', () => {
    expect(waited('timeout=5')).toEqual({ errors: { timeout: ['timeout goes with waitFor.'] } })
    expect(waited('waitFor=Ready')).toMatchObject({ errors: { waitFor: [expect.stringContaining('Published')] } })
  })

  test('takes each parameter once', () => {
    expect(queried('waitFor=Published&waitFor=Failed')).toMatchObject({ errors: { waitFor: expect.anything() } })
  })
})

describe('the end of a wait', () => {
  const response = () => Object.assign(new EventEmitter(), { destroyed: false }) as EventEmitter & ServerResponse

  test('comes when the client leaves, or has left', () => {
    const open = response()
    const ending = endingOf(open, undefined)
    expect(ending.aborted).toBe(false)
    open.emit('close')
    expect(ending.aborted).toBe(true)

    expect(endingOf(Object.assign(response(), { destroyed: true }), undefined).aborted).toBe(true)
  })

  test('comes when the process shuts down, also under a host that tells of no client', () => {
    const stop = new AbortController()
    const endings = [endingOf(response(), stop.signal), endingOf(undefined, stop.signal)]
    stop.abort()

    expect(endings.map(({ aborted }) => aborted)).toEqual([true, true])
  })
})

test('who could not wait is told when to ask again', () => {
  expect(didNotWait({ isRefused: true })).toEqual({ 'retry-after': '5' })
  expect(didNotWait({ isRefused: false })).toEqual({})
})
