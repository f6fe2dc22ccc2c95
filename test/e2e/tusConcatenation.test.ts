import { randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { bytesOf, KARI, md5, OLA, OWNER, POLLING, sharedJourney } from '../support/journey.js'
import { outcomeOf, refused, tusCalls } from '../support/tusCalls.js'

// TUS 1.0.0, as spec 6 applies it to Broker: parts that become one file.

const MIB = 2 ** 20
const journey = await sharedJourney()
const tus = tusCalls(journey, await journey.token(OWNER, 'altinn:broker.write'))

/** The file as a recipient gets it. One that was joined is read before it is published. */
async function fileOf(id: string) {
  await journey.reached(id, 'Published')
  return Buffer.from(await bytesOf(await journey.download(KARI, id)))
}
const begin = (more: Record<string, unknown> = {}) => journey.initialize({ disableVirusScan: true, ...more })

/** A part that is complete, and its address. */
async function sentPart(id: string, bytes: string | Buffer): Promise<string> {
  const content = Buffer.from(bytes)
  const path = await tus.part(id, content.length)
  expect(await outcomeOf(tus.patch(path, 0, content))).toBe(`204 ${content.length}`)
  return path
}

describe('a part', () => {
  test('has an address of its own, and is sent like a file', async () => {
    const id = await begin()

    const created = await tus.create(id, 5, { 'upload-concat': 'partial', 'upload-metadata': 'name cGFydA==' })
    const path = created.headers.get('location') ?? ''
    const head = await tus.head(path)

    expect(path).toMatch(new RegExp(`^/broker/api/v1/filetransfer/upload/tus/${id}/partial/[0-9a-f]{32}$`))
    expect(created.headers.get('upload-expires')).toMatch(/GMT$/)
    expect(Object.fromEntries(head.headers)).toMatchObject({
      'upload-concat': 'partial',
      'upload-length': '5',
      'upload-offset': '0',
      'upload-metadata': 'name cGFydA==',
    })
    expect((await journey.details(id)).fileTransferStatus).toBe('UploadStarted')
    expect(await outcomeOf(tus.head(tus.at(id)))).toBe('404')
    expect(await outcomeOf(tus.patch(path, 1, 'x'))).toBe('409')
    expect(await outcomeOf(tus.patch(path, 0, 'hello!'))).toBe('413')
    expect(await outcomeOf(tus.patch(path, 0, 'hello'))).toBe('204 5')
    expect(await outcomeOf(tus.patch(path, 5, ''))).toBe('204 5')
    expect((await refused(tus.create(id, 5, { 'upload-concat': 'partial', 'upload-metadata': ',' }))).status).toBe(400)
  })

  test('is found at its old address, too', async () => {
    const id = await begin()
    const old = (await tus.part(id, 5)).replace('/partial/', '/')

    expect(await outcomeOf(tus.patch(old, 0, 'abc'))).toBe('204 3')
    expect(await outcomeOf(tus.head(old))).toBe('200 3')
    expect(await outcomeOf(tus.end(old))).toBe('204')
  })

  test('can be ended alone, and the others stay; with the last nothing is left', async () => {
    const id = await begin()
    const [one, other] = [await sentPart(id, 'one'), await tus.part(id, 9)]
    await tus.patch(other, 0, 'half')

    expect(await outcomeOf(tus.end(other))).toBe('204')
    expect([await outcomeOf(tus.head(other)), await outcomeOf(tus.head(one))]).toEqual(['404', '200 3'])
    expect(await outcomeOf(tus.join(id, [one, other]))).toBe('400')
    expect(await outcomeOf(tus.end(one))).toBe('204')

    await vi.waitFor(async () => expect(await tus.stored(id)).toEqual([]), POLLING)
    const again = await sentPart(id, 'again')
    expect(await outcomeOf(tus.join(id, [again]))).toBe('201')
    expect((await fileOf(id)).toString()).toBe('again')
  })

  test('may not be larger than the file may be', async () => {
    await journey.configure('new-small-parts', { maxFileTransferSize: 10 })
    const id = await begin({ resourceId: 'new-small-parts' })

    expect(await outcomeOf(tus.create(id, 11, { 'upload-concat': 'partial' }))).toBe('400')
  })
})

describe('parts', () => {
  test('become the file in the order that the client gives, and the events are published', async () => {
    const id = await begin()
    const pieces = [randomBytes(5 * MIB + 3), randomBytes(1), randomBytes(9 * MIB), Buffer.alloc(0)]
    const parts = await Promise.all(pieces.map((each) => sentPart(id, each)))
    const order = [2, 0, 3, 1]
    const file = Buffer.concat(order.map((index) => pieces[index] ?? Buffer.alloc(0)))

    const joined = await tus.join(
      id,
      order.map((index) => parts[index] ?? ''),
      { 'upload-metadata': 'name d2hvbGU=' },
    )

    const { status, headers } = joined
    expect([status, headers.get('location'), headers.get('upload-expires')]).toEqual([201, tus.at(id), null])
    expect(await journey.reached(id, 'Published')).toMatchObject({ fileTransferSize: file.length, checksum: md5(file) })
    expect((await fileOf(id)).equals(file)).toBe(true)
    const head = await tus.head(tus.at(id))
    expect(Object.fromEntries(head.headers)).toMatchObject({
      'upload-offset': `${file.length}`,
      'upload-length': `${file.length}`,
      'upload-metadata': 'name d2hvbGU=',
      'upload-concat': `final;${order.map((index) => parts[index]).join(' ')}`,
    })
    const events = [OLA, KARI].map((each) => `published > ${each} as Recipient`)
    await vi.waitFor(async () => {
      expect(await journey.events(id)).toEqual([
        `filetransferinitialized > ${OWNER} as Sender`,
        ...events,
        `published > ${OWNER} as Sender`,
        `uploadprocessing > ${OWNER} as Sender`,
      ])
      expect(await tus.stored(id)).toHaveLength(2) // the row of the joined file, and the file
    }, POLLING)
  })

  test('may be named by absolute addresses, and need not be all', async () => {
    const id = await begin()
    const [one, unused, two] = [await sentPart(id, 'one'), await sentPart(id, 'unused'), await sentPart(id, 'two')]

    expect(await outcomeOf(tus.join(id, [`https://broker.example${two}`, one]))).toBe('201')

    expect((await fileOf(id)).toString()).toBe('twoone')
    await vi.waitFor(async () => expect(await tus.stored(id)).toHaveLength(2), POLLING)
    expect([await outcomeOf(tus.head(unused)), await outcomeOf(tus.patch(unused, 6, ''))]).toEqual(['404', '404'])
  })

  test('that are scanned are published by the scan, and then have their checksum', async () => {
    const file = randomBytes(6 * MIB)
    const id = await begin({ disableVirusScan: false, checksum: md5(file) })
    const parts = [await sentPart(id, file.subarray(0, 5)), await sentPart(id, file.subarray(5))]

    expect(await outcomeOf(tus.join(id, parts))).toBe('201')

    expect(await journey.reached(id, 'Published')).toMatchObject({ checksum: md5(file) })
    expect((await fileOf(id)).equals(file)).toBe(true)
  })

  test('that are not the file that was promised fail the transfer', async () => {
    const id = await begin({ checksum: md5(Buffer.from('onetwo')) })
    const [one, two] = [await sentPart(id, 'one'), await sentPart(id, 'two')]

    expect(await outcomeOf(tus.join(id, [two, one]))).toBe('201')

    expect((await journey.reached(id, 'Failed')).fileTransferStatusText).toBe('Checksum mismatch')
    await vi.waitFor(
      async () => expect(await journey.events(id)).toContain(`uploadfailed > ${OWNER} as Sender`),
      POLLING,
    )
    expect((await journey.download(KARI, id)).status).toBe(403)
    await vi.waitFor(async () => expect(await tus.stored(id)).toEqual([]), POLLING)
    expect(await outcomeOf(tus.head(tus.at(id)))).toBe('404')
  })

  test('are refused when they are missing, unfinished, named twice or not of this file, and can be joined after that', async () => {
    const [id, other] = [await begin(), await begin()]
    const [one, unfinished] = [await sentPart(id, 'one'), await tus.part(id, 5)]
    await tus.patch(unfinished, 0, 'half')
    const foreign = await sentPart(other, 'foreign')
    const refusals = {
      unfinished: [one, unfinished],
      twice: [one, one],
      unknown: [one, `${tus.at(id)}/partial/${randomUUID().replaceAll('-', '')}`],
      foreign: [one, foreign],
      whole: [one, tus.at(id)],
      noAddress: [one, 'x'],
      none: [],
    }

    for (const [why, parts] of Object.entries(refusals)) {
      const { status, tus: version, text } = await refused(tus.join(id, parts))
      expect([why, status, version]).toEqual([why, 400, '1.0.0'])
      expect(text).toMatch(/^(Upload-Concat|A part)/)
    }
    for (const concat of ['final', 'finally;/x', `final,${one}`, '']) {
      expect(await outcomeOf(tus.create(id, undefined, { 'upload-concat': concat }))).toBe('400')
    }
    expect(await outcomeOf(tus.join(id, [one], { 'upload-length': '3' }))).toBe('400')
    expect((await journey.details(id)).fileTransferStatus).toBe('UploadStarted')
    await tus.patch(unfinished, 4, '!')
    expect(await outcomeOf(tus.join(id, [unfinished, one]))).toBe('201')
    expect((await fileOf(id)).toString()).toBe('half!one')
  })

  test('of more than the resource allows together are refused', async () => {
    await journey.configure('new-small-sum', { maxFileTransferSize: 10 })
    const id = await begin({ resourceId: 'new-small-sum' })
    const parts = [await sentPart(id, 'six, 6'), await sentPart(id, 'five5')]

    expect(await outcomeOf(tus.join(id, parts))).toBe('400')
    expect((await journey.details(id)).fileTransferStatus).toBe('UploadStarted')
  })

  test('are joined once: after that nothing is taken any more', async () => {
    const id = await begin()
    const [one, two] = [await sentPart(id, 'one'), await sentPart(id, 'two')]

    const answers = await Promise.all([tus.join(id, [one, two]), tus.join(id, [two, one])].map(outcomeOf))

    expect(answers.filter((each) => each === '201')).toHaveLength(1)
    for (const each of answers) expect(['201', '409', '423']).toContain(each)
    const file = answers[0] === '201' ? 'onetwo' : 'twoone'
    expect((await fileOf(id)).toString()).toBe(file)
    expect(await outcomeOf(tus.join(id, [one, two]))).toBe('409')
    expect(await outcomeOf(tus.create(id, 3, { 'upload-concat': 'partial' }))).toBe('409')
    expect(await outcomeOf(tus.patch(tus.at(id), 0, 'more'))).toBe('403')
    expect(await outcomeOf(tus.patch(tus.at(id), 6, 'more'))).toBe('403')
    expect(await outcomeOf(tus.end(tus.at(id)))).toBe('409')
  })
})
