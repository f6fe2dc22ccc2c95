import { describe, expect, test, vi } from 'vitest'
import { bytesOf, KARI, md5, OLA, OWNER, ownJourney, RESOURCE, SLOW_POLLING } from '../support/journey.js'
import { until } from '../support/until.js'

const journey = await ownJourney({ LOCAL_REDELIVERY_MS: '300' })

const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS', '-TEST-FILE!$H+H*'].join('')
const toSender = (...types: string[]) => types.map((type) => `${type} > ${OWNER} as Sender`)
const toRecipients = (type: string, ...recipients: string[]) =>
  recipients.map((each) => `${type} > ${each} as Recipient`)

const uploaded = toSender('filetransferinitialized', 'uploadprocessing')
const published = [...uploaded, ...toSender('published'), ...toRecipients('published', KARI, OLA)]
const confirmed = [
  ...published,
  ...toSender('downloadconfirmed', 'downloadconfirmed', 'allconfirmeddownloaded'),
  ...toRecipients('downloadconfirmed', KARI, OLA),
]
const expired = [
  ...published,
  ...toSender('filepurged', 'fileneverconfirmeddownloaded'),
  ...toRecipients('fileneverconfirmeddownloaded', KARI, OLA),
]

/** Kinds of transfers: what is sent, what is done with it, and its last status and events. */
const kinds = [
  { file: 'scanned', more: {}, isConfirmed: false, status: 'Published', events: published },
  { file: 'not scanned', more: { disableVirusScan: true }, isConfirmed: false, status: 'Published', events: published },
  { file: 'confirmed', more: {}, isConfirmed: true, status: 'AllConfirmedDownloaded', events: confirmed },
  { file: eicar, more: {}, isConfirmed: false, status: 'Failed', events: [...uploaded, ...toSender('uploadfailed')] },
  {
    file: 'mistaken',
    more: { checksum: md5(Buffer.from('other')) },
    isConfirmed: false,
    status: 'Failed',
    events: toSender('filetransferinitialized', 'uploadfailed'),
  },
  { file: 'expired', more: { resourceId: 'new-short' }, isConfirmed: false, status: 'Purged', events: expired },
]

const search = async (organization: string, status: string) => {
  const path = `filetransfer?resourceId=${RESOURCE}&status=${status}`
  return (await (await journey.as(organization, 'altinn:broker.read', path)).json()) as string[]
}

describe('messages that come twice and out of order', () => {
  test('change nothing of what transfers of all kinds come to', async () => {
    await journey.configure('new-short', { fileTransferTimeToLive: 'PT6S' })
    const transfers = await Promise.all(
      [...kinds, ...kinds].map(async (kind) => {
        const id = await journey.initialize(kind.more)
        await journey.upload(id, kind.file)
        return { id, ...kind }
      }),
    )
    await Promise.all(
      transfers
        .filter(({ isConfirmed }) => isConfirmed)
        .map(async ({ id }) => {
          await journey.reached(id, 'Published')
          for (const each of [KARI, OLA]) await bytesOf(await journey.download(each, id))
          await Promise.all([KARI, OLA].map((each) => journey.confirm(each, id)))
        }),
    )

    await until(async () => {
      await journey.runTimer('expireDue')
      for (const { id, status, events } of transfers) {
        expect((await journey.details(id)).fileTransferStatus).toBe(status)
        expect(await journey.events(id)).toEqual(events.toSorted())
      }
    }, 500)

    await vi.waitFor(async () => {
      const counts = Object.values(await journey.stack.busCounts())
      expect(counts.reduce((sum, { active }) => sum + active, 0)).toBe(0)
      expect(counts.reduce((sum, { deadLettered }) => sum + deadLettered, 0)).toBe(0)
    }, SLOW_POLLING)
    for (const { id, status, events, more } of transfers) {
      expect((await journey.details(id)).fileTransferStatus).toBe(status)
      expect(await journey.events(id)).toEqual(events.toSorted())
      const isHeld = status === 'Published' || status === 'AllConfirmedDownloaded'
      expect(await journey.storedBlobs(id)).toHaveLength(isHeld ? 1 : 0)
      if (!('resourceId' in more)) expect(await search(OWNER, status)).toContain(id)
    }
  })
})
