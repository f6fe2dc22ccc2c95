import { describe, expect, test } from 'vitest'
import { filtersIn, queryOf, searchOf } from '../../clients/console/src/state/lists/filters.js'

const read = (text: string) => filtersIn(new URLSearchParams(text), 'usual')

describe('the filters of a list', () => {
  test('are none where the address says nothing', () => {
    expect(read('')).toEqual({
      resource: 'usual',
      status: undefined,
      recipientStatus: undefined,
      from: undefined,
      to: undefined,
      page: 1,
    })
  })

  test.each([
    'status=Published',
    'resource=other&status=Failed&recipientStatus=DownloadStarted&from=2026-11-01&to=2026-11-26&page=3',
  ])('are read again from the address they are written to: %s', (text) => {
    expect(queryOf(read(text), 'usual').toString()).toBe(text)
  })

  test.each([
    'status=published',
    'recipientStatus=x',
    'from=1.11.2026',
    'to=2026-13-40',
    'page=-1',
    'page=1.5',
    'page=x',
  ])('leave out what is not understood: %s', (text) => {
    expect(read(text)).toEqual(read(''))
  })

  test('ask Broker for full days in the role of the box, newest first', () => {
    const search = searchOf(read('from=2026-11-01&to=2026-11-02'), 'inbox')

    expect(search).toMatchObject({ resourceId: 'usual', role: 'Recipient', orderAscending: false })
    expect(Date.parse(search.to ?? '') - Date.parse(search.from ?? '')).toBe(2 * 86_400_000 - 1)
    expect(searchOf(read(''), 'outbox')).toEqual({ resourceId: 'usual', role: 'Sender', orderAscending: false })
  })
})
