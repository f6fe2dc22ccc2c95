import { describe, expect, test, vi } from 'vitest'
import { type Details, expectOk, KARI, OLA, OWNER, POLLING, SLOW_POLLING, sharedJourney } from '../support/journey.js'

const journey = await sharedJourney()

const WRITE = 'altinn:broker.write'
const READ = 'altinn:broker.read'
const SERVICE_OWNER = 'altinn:serviceowner'
const RESOURCE = `${journey.resourceId}-reminders`
const OFFERED = ['PT2S', 'P7D', '-P2D']
await journey.configure(RESOURCE, { reminders: ['P7D', '-P2D', 'PT2S', '7.00:00:00'], fileTransferTimeToLive: 'P30D' })

type Reminded = Details & {
  published: string
  nextReminder: string
  reminderHistory?: { reminded: string; recipients: string[] }[]
}
const jsonOf = async (answer: Promise<Response>) => (await (await expectOk(answer)).json()) as Record<string, unknown>
const overview = (id: string) => jsonOf(journey.as(KARI, READ, `filetransfer/${id}`))
const reminders = async (id: string) => (await journey.events(id)).filter((event) => event.startsWith('downloadrem'))
const settings = (resourceId: string) => jsonOf(journey.as(OWNER, SERVICE_OWNER, `resource/${resourceId}`))

describe('reminders', () => {
  test('go, after the time of the resource, to the recipient who has not confirmed', async () => {
    const id = await journey.sent('hello', 'Published', { resourceId: RESOURCE })
    await (await journey.download(KARI, id)).arrayBuffer()
    await expectOk(journey.confirm(KARI, id))

    // On a slow machine the reminder may come before the confirmation, but never to anyone who has confirmed.
    const details = await vi.waitFor(async () => {
      await journey.runTimer('maintain')
      const now = (await journey.details(id)) as Reminded
      const [sent, ...more] = now.reminderHistory ?? []
      expect(more).toEqual([])
      expect(sent?.recipients).toContain(`0192:${OLA}`)
      const numbers = sent?.recipients.map((each) => each.slice(5)) ?? []
      expect(await reminders(id)).toEqual(numbers.map((each) => `downloadreminder > ${each} as Recipient`).toSorted())
      return now
    }, SLOW_POLLING)

    expect(details.reminders).toEqual(['P7D', '-P2D'])
    expect(Date.parse(details.nextReminder) - Date.parse(details.published)).toBe(7 * 86_400_000)
    const log = await jsonOf(journey.as(OLA, READ, `filetransfer/${id}/events`))
    expect(log.events).toContainEqual(
      expect.objectContaining({ type: 'no.altinn.broker.downloadreminder', role: 'Recipient' }),
    )
  })

  test('end when all have confirmed', async () => {
    const sent = { resourceId: RESOURCE, recipients: [`0192:${KARI}`], reminders: ['P7D'] }
    const id = await journey.sent('hello', 'Published', sent)
    expect(await overview(id)).toMatchObject({ reminders: ['P7D'] })

    await (await journey.download(KARI, id)).arrayBuffer()
    await expectOk(journey.confirm(KARI, id))

    expect(await overview(id)).not.toHaveProperty('reminders')
    expect(await overview(id)).not.toHaveProperty('nextReminder')
  })

  test('of a resource are shown to its owner, and can be taken back', async () => {
    expect(await settings(RESOURCE)).toMatchObject({ reminders: OFFERED })
    await journey.configure(`${RESOURCE}-none`, { reminders: ['P7D'] })
    await journey.configure(`${RESOURCE}-none`, { reminders: [] })

    expect(await settings(`${RESOURCE}-none`)).not.toHaveProperty('reminders')
  })

  test('that the sender chose are those, in JSON and in a form; none is none', async () => {
    const form = new FormData()
    for (const [name, value] of Object.entries(journey.request({ resourceId: RESOURCE, recipients: `0192:${KARI}` }))) {
      form.append(`Metadata.${name}`, String(value))
    }
    form.append('Metadata.Reminders', '-P2D')
    form.append('FileTransfer', new Blob(['hello']), 'hello.txt')
    const sent = await jsonOf(journey.as(OWNER, WRITE, 'filetransfer/upload', { method: 'POST', body: form }))
    const chosen = await journey.initialize({ resourceId: RESOURCE, reminders: ['-P2D', 'P7D'] })
    const none = await journey.initialize({ resourceId: RESOURCE, reminders: [] })

    await vi.waitFor(
      async () => expect(await journey.details(String(sent.fileTransferId))).toMatchObject({ reminders: ['-P2D'] }),
      POLLING,
    )
    expect(await journey.details(chosen)).toMatchObject({ reminders: ['P7D', '-P2D'] })
    expect(await journey.details(none)).not.toHaveProperty('reminders')
  })

  test('that the resource does not offer are refused, with those that it offers', async () => {
    const refusalOf = async (resourceId: string) => {
      const asked = journey.json(journey.request({ resourceId, reminders: ['P8D'] }))
      const answer = await journey.as(OWNER, WRITE, 'filetransfer', { method: 'POST', ...asked })
      const { status, code, detail } = (await answer.json()) as Record<string, unknown>
      return { status, code, detail }
    }
    const detail = 'The resource does not offer one of these reminders.'

    expect(await refusalOf(RESOURCE)).toEqual({
      status: 400,
      code: 'BRO-08030',
      detail: `${detail} It offers ${OFFERED.join(', ')}.`,
    })
    expect(await refusalOf(journey.resourceId)).toMatchObject({ detail: `${detail} It offers none.` })
  })

  test('are not mentioned where the resource has none', async () => {
    const details = await journey.details(await journey.initialize())

    for (const name of ['reminders', 'nextReminder', 'reminderHistory']) expect(details).not.toHaveProperty(name)
  })
})
