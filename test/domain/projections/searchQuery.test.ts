import { describe, expect, test } from 'vitest'
import { searchQuery } from '../../../src/domain/projections/search.js'
import { inSeconds, kari, start } from '../../support/builders.js'

const resourceId = 'letters'

describe('what a search asks for', () => {
  test('is, without any wish, all transfers of the organisation, the newest first', () => {
    expect(searchQuery({ resourceId }, kari)).toEqual({
      organization: kari,
      resourceId,
      roles: ['Sender', 'Recipient'],
      order: 'newest',
    })
  })

  test('is the oldest first only where that is asked for', () => {
    expect(searchQuery({ resourceId, orderAscending: true }, kari).order).toBe('oldest')
    expect(searchQuery({ resourceId, orderAscending: false }, kari).order).toBe('newest')
  })

  test.each(['Sender', 'Recipient'] as const)('is limited to the role of the %s', (role) => {
    expect(searchQuery({ resourceId, role }, kari).roles).toEqual([role])
  })

  test('is, with a status of the recipient, about what the organisation receives, whatever role it names', () => {
    expect(searchQuery({ resourceId, role: 'Sender', recipientStatus: 'DownloadStarted' }, kari)).toMatchObject({
      roles: ['Recipient'],
      recipientStatus: 'DownloadStarted',
    })
  })

  test('has the status that is asked for', () => {
    expect(searchQuery({ resourceId, status: 'Published' }, kari).status).toBe('Published')
  })

  test('takes two bounds in time as inclusive, and one alone as not', () => {
    const [from, to] = [start, inSeconds(60)]

    expect(searchQuery({ resourceId, from, to }, kari)).toMatchObject({
      from: { at: from, isInclusive: true },
      to: { at: to, isInclusive: true },
    })
    expect(searchQuery({ resourceId, from }, kari)).toMatchObject({ from: { at: from, isInclusive: false } })
    expect(searchQuery({ resourceId, to }, kari)).toMatchObject({ to: { at: to, isInclusive: false } })
    expect(searchQuery({ resourceId, from }, kari)).not.toHaveProperty('to')
  })
})
