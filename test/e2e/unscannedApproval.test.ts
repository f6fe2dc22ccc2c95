import { describe, expect, test } from 'vitest'
import { expectOk, OWNER, refusalOf, sharedJourney } from '../support/journey.js'

const journey = await sharedJourney({ HOSTING_ENVIRONMENT: 'Production' })

const MAINTENANCE = 'altinn:broker.maintenance'
const SERVICE_OWNER = 'altinn:serviceowner'

const approve = (body: unknown, resourceId = journey.resourceId, scope = MAINTENANCE) => {
  const path = `maintenance/resource/${resourceId}/unscanned-approval`
  return journey.as(OWNER, scope, path, { method: 'PUT', ...journey.json(body) })
}
const sendUnscanned = () => {
  const body = journey.json(journey.request({ disableVirusScan: true }))
  return journey.as(OWNER, 'altinn:broker.write', 'filetransfer', { method: 'POST', ...body })
}
const configure = (settings: object) =>
  journey.as(OWNER, SERVICE_OWNER, `resource/${journey.resourceId}`, { method: 'PUT', ...journey.json(settings) })

describe('the approval of a resource for unscanned transfers in Production', () => {
  test('lets it send without a scan, and more than a scan can take, until it is taken back', async () => {
    const tooMuchToScan = { maxFileTransferSize: 50_000_000_001 }
    expect(await refusalOf(sendUnscanned())).toBe('400 BRO-00020')
    expect(await refusalOf(configure(tooMuchToScan))).toBe('400 BRO-00013')

    expect((await approve({ approved: true })).status).toBe(204)

    expect((await sendUnscanned()).status).toBe(200)
    await expectOk(configure(tooMuchToScan))
    expect((await sendUnscanned()).status).toBe(200)

    expect((await approve({ approved: false })).status).toBe(204)
    expect(await refusalOf(sendUnscanned())).toBe('400 BRO-00020')
  })

  test('cannot be given by the owner itself', async () => {
    await expectOk(configure({ approved: true, isApprovedForDisabledVirusScan: true }))

    expect(await refusalOf(sendUnscanned())).toBe('400 BRO-00020')
    expect((await approve({ approved: true }, journey.resourceId, SERVICE_OWNER)).status).toBe(403)
  })

  test('is refused for a resource that Broker does not know', async () => {
    expect(await refusalOf(approve({ approved: true }, 'unknown'))).toBe('400 BRO-00025')
  })

  test.each([{}, { approved: 'yes' }, { approved: null }, [true]])('must be said plainly: %j', async (body) => {
    expect((await approve(body)).status).toBe(400)
  })
})
