import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { faultText } from '../../clients/console/src/format/faultText.js'
import { type Draft, LIMITS, sendingIn } from '../../clients/console/src/state/sending/draft.js'
import { en } from '../../clients/console/src/texts/en.js'
import { nb } from '../../clients/console/src/texts/nb.js'
import { partyOf } from '../../clients/typescript/src/wire/organization.js'
import { MAX_SCANNED_BYTES } from '../../src/domain/resource.js'
import { initializeGroup } from '../../src/http/contract/requests/groupRequests.js'
import { initialize } from '../../src/http/contract/requests/requests.js'

const SENDER = '991825827'
const FILE = { name: 'a.zip', size: 1 }
const good: Draft = {
  resource: 'my-resource',
  recipients: ['986252932'],
  otherRecipients: '',
  reference: 'my-1',
  properties: '',
  isGroup: false,
  isEncrypted: false,
}
const drafted = (part: Partial<Draft>, files = [FILE]) => sendingIn({ ...good, ...part }, files, SENDER)
const faultsOf = (part: Partial<Draft>, files = [FILE]) =>
  drafted(part, files).faults.map(({ field, wrong }) => `${field} ${wrong}`)

describe('what is filled in to send a file', () => {
  test('is a sending', () => {
    expect(drafted({})).toEqual({
      faults: [],
      isGroup: false,
      sending: {
        resourceId: 'my-resource',
        sendersFileTransferReference: 'my-1',
        sender: SENDER,
        recipients: ['986252932'],
      },
    })
  })

  test('takes recipients that are typed in any spelling, each once', () => {
    const { sending, faults } = drafted({ otherRecipients: '0192:910753614, NO 974 760 673 MVA\n986 252 932' })

    expect(sending.recipients).toEqual(['986252932', '910753614', '974760673'])
    expect(faults).toEqual([])
  })

  test('takes properties line by line; a value may be empty, and have an equals sign', () => {
    expect(drafted({ properties: 'a = 1\n\nb=\nc=x=y' }).sending.propertyList).toEqual({ a: '1', b: '', c: 'x=y' })
  })

  test('is refused with all that is missing, in the order of the form', () => {
    expect(faultsOf({ recipients: [], resource: ' ', reference: '' }, [])).toEqual([
      'file missing',
      'recipients missing',
      'resource missing',
      'reference missing',
    ])
  })

  test.each([
    [{ otherRecipients: '12345678, Digdir' }, 'otherRecipients noOrganization', ['12345678', 'Digdir']],
    [{ otherRecipients: '986252923' }, 'otherRecipients checkDigit', ['986252923']],
    [{ properties: 'a=1\ntext\n=text' }, 'properties noProperty', ['text', '=text']],
    [{ properties: 'a=1\nb=2\na=3' }, 'properties twice', ['a']],
  ])('is refused with the parts that are wrong: %j', (part, wrong, texts) => {
    expect(faultsOf(part)).toEqual([wrong])
    expect(drafted(part).faults[0]?.texts).toEqual(texts)
  })

  const properties = (count: number, name = 'n', value = 'v') =>
    Array.from({ length: count }, (_, index) => `${name}${index}=${value}`).join('\n')
  const organizations = (count: number) => Array.from({ length: count }, (_, index) => String(900_000_000 + index))

  test.each<[string, Partial<Draft>, Partial<Draft>]>([
    ['recipients', { recipients: organizations(1000) }, { recipients: organizations(1001) }],
    ['a reference', { reference: 'x'.repeat(4096) }, { reference: 'x'.repeat(4097) }],
    ['properties', { properties: properties(10) }, { properties: properties(11) }],
    ['names', { properties: `${'n'.repeat(50)}=v` }, { properties: `${'n'.repeat(51)}=v` }],
    ['values', { properties: `n=${'v'.repeat(3000)}` }, { properties: `n=${'v'.repeat(3001)}` }],
  ])('has the limits of Broker: %s', (_, most, more) => {
    const isAccepted = (part: Partial<Draft>) => {
      const { sending } = drafted(part)
      const recipients = sending.recipients.map(partyOf)
      return initialize.safeParse({ ...sending, fileName: 'a', sender: partyOf(SENDER), recipients }).success
    }

    expect([faultsOf(most).length, isAccepted(most)]).toEqual([0, true])
    expect([faultsOf(more).length, isAccepted(more)]).toEqual([1, false])
  })

  test('has files that Broker takes', () => {
    expect(LIMITS.fileBytes).toBe(MAX_SCANNED_BYTES)
    expect(faultsOf({}, [{ name: 'x'.repeat(255), size: LIMITS.fileBytes }])).toEqual([])
    expect(faultsOf({}, [FILE, { name: 'x'.repeat(256), size: LIMITS.fileBytes + 1 }])).toEqual([
      'file tooLong',
      'file tooLarge',
    ])
  })

  test('is sent as a group of several files, of which Broker takes a hundred', () => {
    const files = (count: number) => Array.from({ length: count }, () => FILE)
    const isTaken = (count: number) => {
      const { sending } = drafted({})
      const recipients = sending.recipients.map(partyOf)
      const group = {
        ...sending,
        sender: partyOf(SENDER),
        recipients,
        files: files(count).map(() => ({ fileName: 'a' })),
      }
      return initializeGroup.safeParse(group).success
    }

    expect([1, 2].map((count) => drafted({ isGroup: true }, files(count)).isGroup)).toEqual([false, true])
    expect([faultsOf({ isGroup: true }, files(LIMITS.groupFiles)), isTaken(LIMITS.groupFiles)]).toEqual([[], true])
    expect(faultsOf({ isGroup: true }, files(LIMITS.groupFiles + 1))).toEqual(['file tooMany'])
    expect(isTaken(LIMITS.groupFiles + 1)).toBe(false)
    expect(faultsOf({}, files(LIMITS.groupFiles + 1))).toEqual([])
  })

  test('is told what is wrong in either language, and never at length', () => {
    const texts = fc.string({ unit: 'binary', maxLength: 2000 })
    const draft = fc.record({
      resource: fc.constantFrom('', 'r'),
      recipients: fc.constant<string[]>([]),
      otherRecipients: texts,
      reference: fc.oneof(texts, fc.constant('x'.repeat(5000))),
      properties: fc.oneof(texts, fc.constant(properties(20, 'n'.repeat(60), 'v'.repeat(3001)))),
    })
    fc.assert(
      fc.property(draft, fc.constantFrom(1, 101), (part, count) => {
        for (const fault of drafted({ ...part, isGroup: true }, Array(count).fill(FILE)).faults) {
          for (const language of [nb, en]) {
            const says = faultText(fault, language)
            expect(says).not.toBe(fault.wrong)
            expect(says.length).toBeLessThan(400)
          }
        }
      }),
    )
  })
})
