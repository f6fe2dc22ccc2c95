import { describe, expect, test } from 'vitest'
import { boxHref, groupHref, routeIn, transferHref } from '../../clients/console/src/state/route.js'

describe('an address of the console', () => {
  test.each(['', '#', '#/', '#/inbox', 'inbox'])('is the inbox: %s', (hash) => {
    expect(routeIn(hash)).toEqual({ page: 'inbox', query: new URLSearchParams() })
  })

  test('keeps what a list shows', () => {
    const query = new URLSearchParams({ status: 'Published', page: '2' })

    expect(boxHref('outbox', query)).toBe('#/outbox?status=Published&page=2')
    expect(routeIn(boxHref('outbox', query))).toEqual({ page: 'outbox', query })
    expect(boxHref('inbox')).toBe('#/inbox')
  })

  test('leads to a file transfer or a group, whatever its id is made of', () => {
    for (const id of ['0b2f', 'a/b?c#d', 'æ ø']) {
      expect(routeIn(transferHref(id))).toEqual({ page: 'transfer', id })
      expect(routeIn(groupHref(id))).toEqual({ page: 'group', id })
    }
  })

  test('is the page of service owners', () => {
    expect(routeIn('#/owner')).toEqual({ page: 'owner' })
  })

  test.each(['#/nowhere', '#/transfer', '#/group', '#/transfer/%E0%A4%A'])(
    'that leads nowhere is known: %s',
    (hash) => {
      expect(routeIn(hash)).toEqual({ page: 'unknown' })
    },
  )
})
