import { describe, expect, test } from 'vitest'
import { clientAddress } from '../../../src/http/gate/clientAddress.js'

describe('the address of a client', () => {
  test.each([
    [null, ''],
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:51234', '203.0.113.7'],
    ['198.51.100.1, 203.0.113.7:80', '203.0.113.7'],
    ['2001:DB8::7', '2001:db8::7'],
    ['[2001:db8::7]:443', '2001:db8::7'],
  ])('is the last that a proxy has added, without its port: %s', (forwardedFor, address) => {
    const headers = new Headers(forwardedFor === null ? {} : { 'x-forwarded-for': forwardedFor })

    expect(clientAddress(headers)).toBe(address)
  })

  test('is not what a caller says of itself', () => {
    const headers = new Headers({ 'x-forwarded-for': '198.51.100.9, 203.0.113.7', 'x-real-ip': '198.51.100.9' })

    expect(clientAddress(headers)).toBe('203.0.113.7')
    expect(clientAddress(new Headers({ 'x-real-ip': '198.51.100.9' }))).toBe('')
  })
})
