import { describe, expect, test } from 'vitest'
import { contract } from '../../../src/http/contract/contract.js'
import { parseFields } from '../../../src/http/input/formInput.js'
import { parseJson } from '../../../src/http/input/jsonInput.js'
import { metadata } from '../../support/forms.js'

const configured = (reminders: unknown) => {
  const parsed = parseJson(contract.configureResource.body, JSON.stringify({ reminders }))
  return 'value' in parsed ? parsed.value.reminders : parsed.errors
}
const inForm = (...fields: [string, string][]) => {
  const all = [...metadata({}).map(({ name, value }): [string, string] => [name, String(value)]), ...fields]
  const parsed = parseFields(contract.initializeAndUpload.body, all, false)
  return 'value' in parsed ? parsed.value.reminders : parsed.errors
}

const NO_REMINDER = 'A reminder is an ISO 8601 duration, such as P7D after the publication or -P2D before the expiry.'

describe('reminders as input', () => {
  test('are durations, each once, those after the publication first', () => {
    expect(configured(['-P2D', 'P7D', '7.00:00:00', '-P4D', 'P3D'])).toEqual([259_200, 604_800, -345_600, -172_800])
  })

  test('are left as they are when they are absent or null, and none when the list is empty', () => {
    expect([configured(undefined), configured(null), configured([])]).toEqual([undefined, undefined, []])
  })

  test.each([
    [['P0D'], { Reminders: [NO_REMINDER] }],
    [['-PT0S'], { Reminders: [NO_REMINDER] }],
    [['soon'], { Reminders: [NO_REMINDER] }],
    [['P366D'], { Reminders: ['A reminder is at most 365 days.'] }],
    [['-P366D'], { Reminders: ['A reminder is at most 365 days.'] }],
    [Array(11).fill('P1D'), { Reminders: ['There are at most 10 reminders.'] }],
  ])('are refused: %j', (reminders, errors) => {
    expect(configured(reminders)).toEqual(errors)
  })

  test.each([[[7]], [[null]], ['P7D'], [{}]])('are refused, as any value of another type: %j', (reminders) => {
    expect(configured(reminders)).toHaveProperty('resourceExt')
  })

  test('are at most 365 days', () => {
    expect(configured(['P365D', '-P365D'])).toEqual([365 * 86_400, -365 * 86_400])
  })

  test('are in a form as recipients are, and one empty field is none', () => {
    expect(inForm(['Metadata.Reminders', 'P7D'], ['Metadata.Reminders', '-P2D'])).toEqual([604_800, -172_800])
    expect(inForm(['metadata.reminders[1]', '-P2D'], ['metadata.reminders[0]', 'P7D'])).toEqual([604_800, -172_800])
    expect(inForm(['Metadata.Reminders', ''])).toEqual([])
    expect(inForm()).toBeUndefined()
    expect(inForm(['Metadata.Reminders', 'soon'])).toEqual({ 'Metadata.Reminders': [NO_REMINDER] })
  })
})
