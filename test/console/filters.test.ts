import { describe, expect, test } from 'vitest'
import {
  defaultFilters,
  filtersIn,
  isFiltered,
  queryOf,
  searchOf,
} from '../../clients/console/src/state/lists/filters.js'
import type { Box } from '../../clients/console/src/state/route.js'

const read = (text: string, box: Box = 'outbox') => filtersIn(new URLSearchParams(text), box)

describe('the filters of a list', () => {
  test('are none where the address says nothing, but an inbox shows what can be downloaded', () => {
    expect(read('')).toEqual(defaultFilters('outbox'))
    expect(read('', 'outbox').status).toBeUndefined()
    expect(read('', 'inbox').status).toBe('Published')
    expect(isFiltered(read('', 'inbox'), 'inbox')).toBe(false)
  })

  test.each([
    ['outbox', 'status=Published'],
    ['inbox', 'status=all'],
    ['outbox', 'q=rapport+2026&resource=other&status=Failed&from=2026-11-01&to=2026-11-26&page=3&size=50'],
    ['inbox', 'recipientStatus=DownloadStarted'],
  ] as const)('of the %s are read again from the address they are written to: %s', (box, text) => {
    expect(queryOf(read(text, box), box).toString()).toBe(text)
  })

  test.each([
    'status=published',
    'recipientStatus=x',
    // It would be the sender's own status.
    'recipientStatus=DownloadStarted',
    'from=2026-02-31',
    'to=2026-13-40',
    'page=-1',
    'page=1.5',
    'page=x',
    'size=7',
  ])('of an outbox leave out what is not understood: %s', (text) => {
    expect(read(text)).toEqual(read(''))
  })

  test('ask Broker for full days in the role of the box, newest first', () => {
    const search = searchOf(read('from=2026-11-01&to=2026-11-02', 'inbox'), 'inbox', 'usual')

    expect(search).toMatchObject({ resourceId: 'usual', role: 'Recipient', status: 'Published', orderAscending: false })
    expect(Date.parse(search.to ?? '') - Date.parse(search.from ?? '')).toBe(2 * 86_400_000 - 1)
    expect(searchOf(read(''), 'outbox', 'usual')).toEqual({
      resourceId: 'usual',
      role: 'Sender',
      orderAscending: false,
    })
  })
})
