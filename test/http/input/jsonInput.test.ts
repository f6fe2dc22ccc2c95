import { describe, expect, test } from 'vitest'
import { ok } from '../../../src/domain/result.js'
import { contract } from '../../../src/http/contract/contract.js'
import { serveWith } from '../../../src/http/serving/serve.js'
import { answerOf, fileTransferId, jsonIn, kari, ola, sender, traceParent } from '../../support/builders.js'

const scopes = ['altinn:broker.write', 'altinn:serviceowner']
const caller = { organization: kari, vendor: undefined, scopes, claims: {} }
const serve = serveWith({ verify: async () => ({ caller }), log: () => {} })
const headers = { authorization: 'Bearer any', 'content-type': 'application/json' }

type Sent = { body?: unknown; status?: number | undefined; errors?: Record<string, string[]> }

/** What the operation is called with: the body, or the errors that it is refused with. */
async function sent(
  name: 'initializeFileTransfer' | 'configureResource' | 'registerServiceOwner',
  text: string,
): Promise<Sent> {
  const operation = contract[name]
  let body: unknown
  const served = serve(operation, async (call) => {
    body = call.body
    return ok({})
  })
  const answer = await answerOf(served, { method: operation.method, headers, params: { resourceId: 'r' }, body: text })
  if (body !== undefined) return { body }
  return { status: answer.status, ...(jsonIn(answer) as Sent) }
}

const asked = {
  fileName: 'report.pdf',
  resourceId: 'letters',
  sendersFileTransferReference: 'our-7',
  sender: '0192:991825827',
  recipients: ['0192:986252932'],
}
const initialize = (members: Record<string, unknown>) =>
  sent('initializeFileTransfer', JSON.stringify({ ...asked, ...members }))
const initializeText = (text: string) => sent('initializeFileTransfer', text)
const configure = (text: string) => sent('configureResource', text)
const names = ({ errors = {} }: Sent) => Object.keys(errors).sort()

describe('what is asked of initialize', () => {
  test('is filled up with what may be left out', async () => {
    expect(await initialize({})).toEqual({
      body: {
        ...asked,
        sender,
        recipients: [kari],
        propertyList: {},
        checksum: '',
        disableVirusScan: false,
      },
    })
  })

  test('is taken with all of it', async () => {
    const all = {
      propertyList: { Color: 'blå' },
      checksum: 'd41d8cd98f00b204e9800998ecf8427e',
      disableVirusScan: true,
    }

    expect(await initialize(all)).toMatchObject({ body: all })
  })

  test.each<[Record<string, unknown>, Record<string, unknown>]>([
    [{ resourceId: 'urn:altinn:resource:letters' }, { resourceId: 'letters' }],
    [{ sender: 'urn:altinn:organization:identifier-no:991825827' }, { sender }],
    [{ sender: '9999:991825827' }, { sender }],
    [{ recipients: ['0192:986252932', '0192:910753614'] }, { recipients: [kari, ola] }],
    [{ recipients: ['0192:986252932', 'urn:altinn:organization:identifier-no:986252932'] }, { recipients: [kari] }],
    [{ checksum: null }, { checksum: null }],
    [{ checksum: '' }, { checksum: '' }],
    [{ checksum: '  ' }, { checksum: '  ' }],
    [{ checksumSha256: null }, {}],
    [{ checksumSha256: 'AB'.repeat(32) }, { checksumSha256: 'ab'.repeat(32) }],
    [{ disableVirusScan: null }, { disableVirusScan: false }],
    [{ sendersFileTransferReference: ' ' }, { sendersFileTransferReference: ' ' }],
    [{ sendersFileTransferReference: 'x'.repeat(4096) }, { sendersFileTransferReference: 'x'.repeat(4096) }],
    [{ fileName: 'x'.repeat(255) }, { fileName: 'x'.repeat(255) }],
    [{ fileName: '../a/b.txt' }, { fileName: '../a/b.txt' }],
    [
      { propertyList: { ['k'.repeat(50)]: 'v'.repeat(3000) } },
      { propertyList: { ['k'.repeat(50)]: 'v'.repeat(3000) } },
    ],
    [{ unknown: { anything: [1] } }, { fileName: 'report.pdf' }],
  ])('may be %j', async (members, body) => {
    expect(await initialize(members)).toMatchObject({ body })
  })

  const tooMany = Array.from({ length: 1001 }, (_, index) => `0192:${String(index).padStart(9, '0')}`)
  test.each<[string, unknown]>([
    ['fileName', ''],
    ['fileName', '  '],
    ['fileName', 'x'.repeat(256)],
    ['resourceId', ''],
    ['resourceId', 'x'.repeat(256)],
    ['resourceId', `urn:altinn:resource:${'x'.repeat(236)}`],
    ['resourceId', 'a:b'],
    ['resourceId', 'urn:altinn:resource:'],
    ['resourceId', 'urn:altinn:other:letters'],
    ['sendersFileTransferReference', ''],
    ['sendersFileTransferReference', 'x'.repeat(4097)],
    ['sender', ''],
    ['sender', '991825827'],
    ['sender', '192:991825827'],
    ['sender', '0192:9918258271'],
    ['sender', ' 0192:991825827'],
    ['sender', '0192:991825827\n'],
    ['sender', 'urn:altinn:organization:identifier-no:99182582'],
    ['recipients', []],
    ['recipients', ['']],
    ['recipients', ['986252932']],
    ['recipients', ['0192:986252932', 'x']],
    ['recipients', tooMany],
    ['propertyList', Object.fromEntries(Array.from({ length: 11 }, (_, index) => [index, 'v']))],
    ['propertyList', { ['k'.repeat(51)]: 'v' }],
    ['propertyList', { k: 'v'.repeat(3001) }],
    ['checksum', 'd41d8cd98f00b204e9800998ecf8427'],
    ['checksum', 'd41d8cd98f00b204e9800998ecf8427ee'],
    ['checksum', 'D41D8CD98F00B204E9800998ECF8427E'],
    ['checksum', '!'.repeat(32)],
    ['checksumSha256', ''],
    ['checksumSha256', 'a'.repeat(63)],
    ['checksumSha256', 'g'.repeat(64)],
  ])('is refused with a bad %s: %j', async (name, value) => {
    const refused = await initialize({ [name]: value })

    expect(refused).toMatchObject({ status: 400 })
    expect(names(refused)).toEqual([`${name.slice(0, 1).toUpperCase()}${name.slice(1)}`])
  })

  test.each(['fileName', 'resourceId', 'sendersFileTransferReference', 'sender', 'recipients'])(
    'is refused when %s is missing or null',
    async (name) => {
      const key = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`

      expect(names(await initialize({ [name]: undefined }))).toEqual([key])
      expect(names(await initialize({ [name]: null }))).toEqual([key])
    },
  )

  test('is refused when the properties are null, or one of them', async () => {
    expect(names(await initialize({ propertyList: null }))).toEqual(['PropertyList'])
    expect(await initialize({ propertyList: { k: null } })).toMatchObject({ status: 400 })
  })

  test('is refused when one of the recipients is null', async () => {
    expect(await initialize({ recipients: [null] })).toMatchObject({ status: 400 })
  })

  test('is refused with everything that is wrong at once, and all that is wrong with a field', async () => {
    const refused = await initialize({ fileName: '', sender: 'x', resourceId: `a:${'x'.repeat(300)}` })

    expect(names(refused)).toEqual(['FileName', 'ResourceId', 'Sender'])
    expect(refused.errors?.ResourceId).toHaveLength(2)
  })

  test('says in words what is wrong with the properties', async () => {
    expect(await initialize({ propertyList: { ['k'.repeat(51)]: 'v' } })).toMatchObject({
      errors: { PropertyList: ['A key in PropertyList is at most 50 characters.'] },
    })
  })
})

describe('a body of the wrong kind', () => {
  test.each<[string, unknown, string]>([
    ['fileName', 5, '$.fileName'],
    ['sender', { ID: 'x' }, '$.sender'],
    ['recipients', '0192:986252932', '$.recipients'],
    ['recipients', ['0192:986252932', 5], '$.recipients[1]'],
    ['propertyList', [], '$.propertyList'],
    ['propertyList', { color: 5 }, '$.propertyList.color'],
    ['checksum', 5, '$.checksum'],
    ['disableVirusScan', 'yes', '$.disableVirusScan'],
  ])('is refused by its place, as the reader of JSON does it: %s is %j', async (name, value, path) => {
    expect(names(await initialize({ [name]: value }))).toEqual([path, 'initializeExt'])
  })

  test.each(['{', '{"fileName": }', 'hello', "{'a':1}", '{"a":1,}'])(
    'is refused when it is no JSON: %s',
    async (text) => {
      expect(await initializeText(text)).toMatchObject({
        status: 400,
        errors: { $: [expect.any(String)], initializeExt: ['The initializeExt field is required.'] },
      })
    },
  )

  test.each(['[]', '5', '"text"', 'true'])('is refused when it is no object: %s', async (text) => {
    expect(names(await initializeText(text))).toEqual(['$', 'initializeExt'])
  })

  test.each(['', '  \n'])('is refused when it is empty: %j', async (text) => {
    expect(names(await initializeText(text))).toEqual(['', 'initializeExt'])
    expect(names(await configure(text))).toEqual(['', 'resourceExt'])
  })

  test('is a problem without code and detail', async () => {
    const { status, ...problem } = await initialize({ fileName: ' ' })

    expect({ status, ...problem }).toEqual({
      type: 'https://tools.ietf.org/html/rfc9110#section-15.5.1',
      title: 'One or more validation errors occurred.',
      status: 400,
      errors: { FileName: ['The FileName field is required.'] },
      traceId: traceParent,
    })
  })

  test('is refused when it is longer than any sensible one', async () => {
    const refused = await initialize({ fileName: 'x'.repeat(5 * 2 ** 20) })

    expect(refused).toMatchObject({ status: 413, title: 'Content Too Large' })
  })
})

describe('names in JSON', () => {
  test('match in any case', async () => {
    const text = JSON.stringify(asked).replace('fileName', 'FileName').replace('recipients', 'RECIPIENTS')

    expect(await initializeText(text)).toMatchObject({ body: { fileName: 'report.pdf', recipients: [kari] } })
  })

  test.each([
    '"fileName":"first","fileName":"last"',
    '"fileName":"first","FileName":"last"',
    '"FILENAME":"first","fileName":"last"',
  ])('that come again count as they come last: %s', async (members) => {
    const { fileName, ...rest } = asked
    const text = JSON.stringify(rest).replace('{', `{${members},`)

    expect(await initializeText(text)).toMatchObject({ body: { fileName: 'last' } })
  })

  test('of properties cannot be __proto__, which would be lost', async () => {
    const text = JSON.stringify(asked).replace('{', '{"propertyList":{"__proto__":"x"},')

    expect(names(await initializeText(text))).toEqual(['PropertyList'])
  })

  test('that the operation does not know are passed over', async () => {
    expect(await configure('{"colour":"blue","__proto__":{"requiredParty":"x"},"constructor":1}')).toEqual({ body: {} })
  })

  test('keep their case among the properties', async () => {
    expect(await initialize({ propertyList: { Key: 'a', key: 'b' } })).toMatchObject({
      body: { propertyList: { Key: 'a', key: 'b' } },
    })
  })
})

describe('what is asked of a resource', () => {
  test('may be nothing', async () => {
    expect(await configure('{}')).toEqual({ body: {} })
  })

  test('leaves out what is null', async () => {
    const nulls = {
      maxFileTransferSize: null,
      fileTransferTimeToLive: null,
      requiredParty: null,
      useManifestFileShim: null,
    }

    expect(await configure(JSON.stringify(nulls))).toEqual({ body: {} })
  })

  test('may have numbers as texts', async () => {
    expect(await configure('{"maxFileTransferSize":"123","externalServiceEditionCodeLegacy":"-1"}')).toEqual({
      body: { maxFileTransferSize: 123, externalServiceEditionCodeLegacy: -1 },
    })
  })

  test.each([
    ['{"maxFileTransferSize":true}', '$.maxFileTransferSize'],
    ['{"maxFileTransferSize":"many"}', '$.maxFileTransferSize'],
    ['{"maxFileTransferSize":1.5}', '$.maxFileTransferSize'],
    ['{"fileTransferTimeToLive":30}', '$.fileTransferTimeToLive'],
    ['{"purgeFileTransferAfterAllRecipientsConfirmed":"yes"}', '$.purgeFileTransferAfterAllRecipientsConfirmed'],
    ['{"requiredParty":true}', '$.requiredParty'],
  ])('is refused by its place when it is of the wrong kind: %s', async (text, path) => {
    expect(names(await configure(text))).toEqual([path, 'resourceExt'])
  })

  test('with the shim needs both of the old codes', async () => {
    const both = { externalServiceCodeLegacy: '4752', externalServiceEditionCodeLegacy: 1 }
    const shim = (codes: object) => configure(JSON.stringify({ useManifestFileShim: true, ...codes }))

    expect(await shim(both)).toMatchObject({ body: both })
    expect(names(await shim({}))).toEqual([''])
    expect(names(await shim({ ...both, externalServiceCodeLegacy: '' }))).toEqual([''])
    expect(names(await shim({ ...both, externalServiceEditionCodeLegacy: 0 }))).toEqual([''])
  })

  test.each(['letters', 'urn:altinn:resource:letters'])('is of the resource in the path: %s', async (resourceId) => {
    let seen: unknown
    const served = serve(contract.configureResource, async ({ params }) => {
      seen = params.resourceId
      return ok({})
    })

    await answerOf(served, { method: 'PUT', headers, params: { resourceId }, body: '{}' })

    expect(seen).toBe('letters')
  })
})

describe('the name of a service owner', () => {
  test('is taken', async () => {
    expect(await sent('registerServiceOwner', '{"Name":"Brønnøysundregistrene"}')).toEqual({
      body: { name: 'Brønnøysundregistrene' },
    })
  })

  test('is refused when it is null', async () => {
    expect(names(await sent('registerServiceOwner', '{"name":null}'))).toEqual(['Name'])
  })

  // Spec 8.1: the original's reader of JSON demands the member, and reports the object.
  test('is refused when it is missing', async () => {
    expect(names(await sent('registerServiceOwner', '{}'))).toContain('$')
  })
})

describe('the id of a file transfer', () => {
  const overview = async (params: Record<string, string>) => {
    let seen: unknown
    const served = serve(contract.getFileTransfer, async (call) => {
      seen = call.params
      return ok({})
    })
    const answer = await answerOf(served, { headers: { authorization: 'Bearer any' }, params })
    return answer.status === 200 ? seen : jsonIn(answer)
  }

  test.each([
    fileTransferId,
    fileTransferId.toUpperCase(),
    fileTransferId.replaceAll('-', ''),
    `{${fileTransferId}}`,
    `(${fileTransferId})`,
  ])('is known in every form of a GUID: %s', async (text) => {
    expect(await overview({ fileTransferId: text })).toEqual({ fileTransferId })
  })

  test.each([
    '',
    '17',
    `${fileTransferId}0`,
    `x${fileTransferId}`,
    fileTransferId.replace('4', 'g'),
    ` ${fileTransferId}`,
  ])('is refused under its own name when it is none: %j', async (text) => {
    expect(await overview({ fileTransferId: text })).toMatchObject({
      title: 'One or more validation errors occurred.',
      status: 400,
      errors: { fileTransferId: [expect.any(String)] },
    })
  })

  test('is known under its name in any case', async () => {
    expect(await overview({ FileTransferId: fileTransferId })).toEqual({ fileTransferId })
  })

  test('may have others beside it', async () => {
    expect(await overview({ fileTransferId, code: 'x', 'a-b': 'y' })).toEqual({ fileTransferId })
  })
})
