import { describe, expect, test } from 'vitest'
import { author, authorFields, authorOf } from '../../../src/domain/author.js'
import { kari } from '../../support/builders.js'

describe('who caused something', () => {
  test('is the organisation and the client of the token', () => {
    expect(authorOf({ organization: kari, claims: { client_id: 'client' } })).toEqual({
      organization: kari,
      clientId: 'client',
    })
  })

  test.each([undefined, 7, ''])('is without a client that is no text: %j', (client_id) => {
    expect(authorOf({ organization: kari, claims: { client_id } })).toEqual({ organization: kari })
  })

  test('is nobody when nothing is known', () => {
    expect(author({ organization: undefined, clientId: undefined })).toEqual({})
    expect(authorOf({ organization: undefined, claims: {} })).toEqual({})
    expect(authorFields()).toEqual({})
    expect(authorFields({})).toEqual({})
  })

  test('is named by a client of at most 100 characters, on one line', () => {
    expect(authorOf({ organization: undefined, claims: { client_id: `a\nb${'x'.repeat(200)}` } })).toEqual({
      clientId: `ab${'x'.repeat(97)}`,
    })
  })

  test('stands in a log line as its author', () => {
    expect(authorFields({ organization: kari, clientId: 'client' })).toEqual({ by: kari, clientId: 'client' })
  })
})
