import { describe, expect, test } from 'vitest'
import { expectOk, KARI, OWNER, refusalOf, sharedJourney } from '../support/journey.js'

const journey = await sharedJourney()

const READ = 'altinn:broker.read'
const WRITE = 'altinn:broker.write'
const overview = async (org: string, scope: string, path: string) =>
  (await expectOk(journey.as(org, scope, `filetransfer/${path}`))).json() as Promise<{ fileTransferStatus: string }>

describe('waiting for a status', () => {
  test('is answered when the file is published, with the overview and with the details', async () => {
    const id = await journey.initialize({ disableVirusScan: false })
    const waited = Promise.all([
      overview(OWNER, WRITE, `${id}?waitFor=Published&timeout=60`),
      overview(KARI, READ, `${id}/details?waitFor=Published&timeout=60`),
    ])
    await journey.upload(id, 'hello')

    for (const { fileTransferStatus } of await waited) expect(fileTransferStatus).toBe('Published')
  })

  test('is answered with the status as it is when the time is over', async () => {
    const id = await journey.initialize({})
    const before = Date.now()

    expect(await overview(OWNER, WRITE, `${id}?waitFor=Published&timeout=1`)).toMatchObject({
      fileTransferStatus: 'Initialized',
    })
    expect(Date.now() - before).toBeGreaterThanOrEqual(1000)
  })

  test('is answered at once when the status has been passed', async () => {
    const id = await journey.sent('hello', 'Published', {})

    expect(await overview(KARI, READ, `${id}?waitFor=UploadProcessing&timeout=60`)).toMatchObject({
      fileTransferStatus: 'Published',
    })
  })

  test('is refused where it makes no sense', async () => {
    const id = await journey.initialize({})

    expect(await refusalOf(journey.as(OWNER, WRITE, `filetransfer/${id}?timeout=5`))).toMatch('400')
    expect(await refusalOf(journey.as(OWNER, WRITE, `filetransfer/${id}?waitFor=Gone`))).toMatch('400')
  })
})
