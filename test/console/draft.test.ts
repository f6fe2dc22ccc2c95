import { describe, expect, test } from 'vitest'
import { type Draft, sendingIn } from '../../clients/console/src/state/sending/draft.js'

const SENDER = '991825827'
const good: Draft = {
  hasFile: true,
  resource: 'my-resource',
  recipients: ['986252932'],
  otherRecipients: '',
  reference: 'my-1',
  properties: '',
}
const faultsOf = (part: Partial<Draft>) => sendingIn({ ...good, ...part }, SENDER).faults

describe('what is filled in to send a file', () => {
  test('is a sending', () => {
    expect(sendingIn(good, SENDER)).toEqual({
      sending: {
        resourceId: 'my-resource',
        sendersFileTransferReference: 'my-1',
        sender: SENDER,
        recipients: ['986252932'],
      },
    })
  })

  test('takes recipients that are typed in either form, each once', () => {
    const { sending } = sendingIn({ ...good, otherRecipients: '0192:910753614, 974760673\n986252932' }, SENDER)

    expect(sending?.recipients).toEqual(['986252932', '910753614', '974760673'])
  })

  test('takes properties line by line; a value may be empty, and have an equals sign', () => {
    const { sending } = sendingIn({ ...good, properties: 'a = 1\n\nb=\nc=x=y' }, SENDER)

    expect(sending?.propertyList).toEqual({ a: '1', b: '', c: 'x=y' })
  })

  test('is refused with all that is wrong, in the order of the form', () => {
    const empty = { hasFile: false, recipients: [], resource: ' ', reference: '' }

    expect(faultsOf(empty)?.map(({ field }) => field)).toEqual(['file', 'recipients', 'resource', 'reference'])
  })

  test.each(['12345678', '9918258270', '9999:991825827', 'Digdir'])('has no recipient %s', (text) => {
    expect(faultsOf({ otherRecipients: text })).toEqual([{ field: 'otherRecipients', text }])
  })

  test.each(['text', '=text'])('has no property %s', (text) => {
    expect(faultsOf({ properties: text })).toEqual([{ field: 'properties', text }])
  })
})
