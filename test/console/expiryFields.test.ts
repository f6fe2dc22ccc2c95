import { describe, expect, test } from 'vitest'
import { cancelReason } from '../../clients/console/src/format/cancelReason.js'
import { expiryFields, expiryIn } from '../../clients/console/src/format/expiryFields.js'
import { overview } from '../../src/http/views/views.js'
import { cancelled } from '../support/builders.js'

describe('the fields of an expiry', () => {
  const time = new Date(2026, 11, 24, 9, 5)

  test.each([
    ['nb', '24.12.2026'],
    ['en-GB', '24/12/2026'],
  ])('are a day as people write it, and a time of this time zone: %s', (locale, day) => {
    const fields = expiryFields(time.toISOString(), locale)

    expect(fields).toEqual({ day, clock: '09:05' })
    expect(expiryIn(fields.day, fields.clock)).toEqual({ time })
  })

  test.each([
    ['24.12.26', '9:05'],
    [' 2026-12-24 ', ' 09.05 '],
    ['24122026', '0905'],
  ])('are read as people write them: %j %j', (day, clock) => {
    expect(expiryIn(day, clock)).toEqual({ time })
  })

  test.each([
    ['', '09:05', 'day'],
    ['31.02.2026', '09:05', 'day'],
    ['24.12.2026', '', 'clock'],
    ['24.12.2026', '24:00', 'clock'],
    ['24.12.2026', '9', 'clock'],
    ['24.12.2026', '09:60', 'clock'],
  ])('%j %j has a wrong field', (day, clock, field) => {
    expect(expiryIn(day, clock)).toEqual({ isNo: field })
  })
})

describe('the reason of a cancellation', () => {
  test('is the text of the status, unless Broker has written that', () => {
    expect(cancelReason('Feil fil')).toBe('Feil fil')
    expect(cancelReason(overview(cancelled()).fileTransferStatusText)).toBeUndefined()
  })
})
