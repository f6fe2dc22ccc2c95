import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { bytesOf, expectOk, KARI, OLA, OWNER, refusalOf, STRANGER, sharedJourney } from '../support/journey.js'

const journey = await sharedJourney()
const WRITE = 'altinn:broker.write'
const READ = 'altinn:broker.read'

type Summary = { fileTransferId: string; fileName: string; fileTransferStatus: string; recipientStatus?: string }
type Group = { fileTransferGroupId: string; fileCount: number; fileTransfers: Summary[] }

const { fileName: _, ...shared } = journey.request({ disableVirusScan: true })
const files = [{ fileName: 'first.txt' }, { fileName: 'second.txt' }]
const groupRequest = (more: Record<string, unknown> = {}) => ({
  ...shared,
  sendersFileTransferReference: randomUUID(),
  files,
  ...more,
})

const post = (org: string, scope: string, path: string) => journey.as(org, scope, path, { method: 'POST' })
const withKey = (key: string = randomUUID()) => ({ 'idempotency-key': key })
function initialize(request: unknown, headers: Record<string, string> = withKey()) {
  const json = journey.json(request)
  return journey.as(OWNER, WRITE, 'filetransfergroup', {
    ...json,
    method: 'POST',
    headers: { ...json.headers, ...headers },
  })
}
async function initialized(...asked: Parameters<typeof initialize>) {
  const answer = await expectOk(initialize(...asked))
  return (await answer.json()) as { fileTransferGroupId: string; fileTransferIds: [string, string] }
}
const seenBy = async (org: string, scope: string, id: string) =>
  (await (await expectOk(journey.as(org, scope, `filetransfergroup/${id}`))).json()) as Group
const confirm = (org: string, id: string) => post(org, READ, `filetransfergroup/${id}/confirmdownload`)

test('files are announced together, sent one by one, and confirmed together', async () => {
  const request = groupRequest()
  const key = randomUUID()
  const group = await initialized(request, withKey(key))
  const { fileTransferGroupId: id, fileTransferIds } = group
  for (const [index, each] of fileTransferIds.entries()) {
    await expectOk(journey.upload(each, `file ${index}`))
    await journey.reached(each, 'Published')
    expect(await bytesOf(await expectOk(journey.download(KARI, each)))).toEqual(
      new TextEncoder().encode(`file ${index}`),
    )
  }

  const confirmed = (await (await expectOk(confirm(KARI, id))).json()) as Group

  expect(confirmed).toMatchObject({
    fileTransferGroupId: id,
    sendersFileTransferReference: request.sendersFileTransferReference,
    fileCount: 2,
    fileTransfers: fileTransferIds.map((fileTransferId, index) => ({
      fileTransferId,
      ...files[index],
      recipientStatus: 'DownloadConfirmed',
      recipients: { total: 2, confirmed: 1 },
      group: { fileTransferGroupId: id, fileNumber: index + 1, fileCount: 2 },
    })),
  })
  expect(await initialized(request, withKey(key))).toEqual(group)
  const { fileTransfers } = await seenBy(OWNER, WRITE, id)
  expect(fileTransfers.every((each) => each.fileTransferStatus === 'Published' && !('recipientStatus' in each))).toBe(
    true,
  )
  for (const each of fileTransferIds) {
    const { recipients, group: place } = await journey.details(each)
    expect(place).toEqual({ fileTransferGroupId: id, fileNumber: expect.any(Number), fileCount: 2 })
    expect(recipients).toContainEqual(
      expect.objectContaining({
        recipient: `0192:${KARI}`,
        currentRecipientFileTransferStatusCode: 'DownloadConfirmed',
      }),
    )
  }
})

test('clients of the original find each file by itself, and see nothing of groups in other transfers', async () => {
  const { fileTransferIds } = await initialized(groupRequest())
  const alone = await journey.initialize()

  const found = await expectOk(
    journey.as(OLA, READ, `filetransfer?resourceId=${journey.resourceId}&status=Initialized`),
  )

  expect(await found.json()).toEqual(expect.arrayContaining([...fileTransferIds, alone]))
  expect(await journey.details(alone)).not.toHaveProperty('group')
})

test('a confirmation of all is refused while a file is still to come, and names it', async () => {
  const { fileTransferGroupId: id, fileTransferIds } = await initialized(groupRequest())
  const [first, second] = fileTransferIds
  await expectOk(journey.upload(first, 'file'))
  await journey.reached(first, 'Published')
  await bytesOf(await expectOk(journey.download(KARI, first)))

  const refused = await confirm(KARI, id)

  expect([refused.status, await refused.json()]).toEqual([
    400,
    expect.objectContaining({ code: 'BRO-00003', fileTransferId: second }),
  ])
  expect(await seenBy(KARI, READ, id)).toMatchObject({
    fileTransfers: [{ recipientStatus: 'DownloadStarted' }, { recipientStatus: 'Initialized' }],
  })
})

test('a group is for those who send and receive it', async () => {
  const { fileTransferGroupId: id, fileTransferIds } = await initialized(groupRequest())
  const get = (org: string, scope: string, group: string) => journey.as(org, scope, `filetransfergroup/${group}`)

  expect(await refusalOf(get(STRANGER, READ, id))).toBe('401 BRO-00006')
  expect(await refusalOf(get(OWNER, WRITE, fileTransferIds[0]))).toBe('404 BRO-08080')
  expect(await refusalOf(confirm(STRANGER, id))).toBe('401 BRO-00006')
  expect(await refusalOf(confirm(KARI, randomUUID()))).toBe('404 BRO-08080')
})

test.each<[what: string, request: Record<string, unknown>, headers: Record<string, string>, text: RegExp]>([
  ['no key', {}, {}, /Idempotency-Key is required/],
  ['no files', { files: [] }, withKey(), /at least one file/],
  ['files that are none', { files: 'a.txt' }, withKey(), /at least one file/],
  ['a file without a name', { files: [{ fileName: ' ' }] }, withKey(), /FileName/],
  ['too many files', { files: Array.from({ length: 101 }, () => files[0]) }, withKey(), /at most 100 files/],
  ['a checksum that is none', { files: [{ fileName: 'a', checksum: 'abc' }] }, withKey(), /MD5/],
])('%s is refused, in words', async (_, more, headers, text) => {
  const refused = await initialize(groupRequest(more), headers)

  expect([refused.status, await refused.text()]).toEqual([400, expect.stringMatching(text)])
})
