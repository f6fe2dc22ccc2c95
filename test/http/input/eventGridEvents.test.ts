import { describe, expect, test } from 'vitest'
import { eventGridEvents } from '../../../src/http/input/eventGridEvents.js'

const scan = (more: object = {}) => ({
  id: 'scan-1',
  topic: '/subscriptions/x',
  eventType: 'Microsoft.Security.MalwareScanningResult',
  eventTime: '2026-03-01T12:00:00Z',
  data: { blobUri: 'https://x.example/a/b', eTag: '0x1', scanResultType: 'Malicious', scanResultDetails: null },
  ...more,
})
const handshake = {
  id: 'v-1',
  eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
  data: { validationCode: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6', validationUrl: 'https://x.example/' },
}
const other = { id: 'o-1', eventType: 'Microsoft.Storage.BlobCreated', data: {} }

describe('the events of Event Grid', () => {
  test('are one or several, and every scan event is kept as it came', () => {
    const several = [scan(), other, scan({ id: 'scan-2' })]

    expect(eventGridEvents(scan())).toEqual({ scans: [scan()], validationCode: undefined, errors: {} })
    expect(eventGridEvents(several).scans).toEqual([scan(), scan({ id: 'scan-2' })])
  })

  test('confirm a subscription by its code, also beside others', () => {
    const { validationCode } = handshake.data

    expect(eventGridEvents([handshake])).toEqual({ scans: [], validationCode, errors: {} })
    expect(eventGridEvents([scan(), handshake])).toMatchObject({ scans: [scan()], validationCode })
  })

  test.each([[other], [[other]], [[]]])('of other types are passed over: %j', (body) => {
    expect(eventGridEvents(body)).toEqual({ scans: [], validationCode: undefined, errors: {} })
  })

  test.each<[string, unknown]>([
    ['no JSON', undefined],
    ['null', null],
    ['a text', 'x'],
    ['an event without a type', { id: 'x' }],
    ['a handshake without a code', { ...handshake, data: {} }],
    ['a scan event without an id', scan({ id: undefined })],
    ['a scan event whose id is no message id', scan({ id: 'x'.repeat(129) })],
    ['a scan event about nothing', scan({ data: {} })],
    ['a scan event that no message has room for', scan({ more: 'x'.repeat(70_000) })],
    ['a scan event with an ETag that is none', scan({ data: { ...scan().data, eTag: 'x'.repeat(300) } })],
    ['a handshake that is repeated at length', { ...handshake, data: { validationCode: 'x'.repeat(2000) } }],
  ])('are refused where they are none: %s', (_, body) => {
    expect(Object.keys(eventGridEvents(body).errors)).toEqual(['$[0]'])
  })

  test('that are good are kept although others are not', () => {
    const { scans, errors } = eventGridEvents([scan(), scan({ data: {} })])

    expect([scans, Object.keys(errors)]).toEqual([[scan()], ['$[1]']])
  })

  test('are looked at up to as many as come at a time, and what is wrong with them is counted', () => {
    const { errors } = eventGridEvents(Array(5000).fill(0))

    expect(Object.keys(errors)).toHaveLength(50)
    expect(errors['$[49]']?.at(-1)).toBe('and 4950 more')
    expect(eventGridEvents(Array(5001).fill(scan()))).toMatchObject({ scans: [], errors: { $: [expect.any(String)] } })
  })
})
