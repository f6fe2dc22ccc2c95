import { createHash } from 'node:crypto'
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { XMLParser } from 'fast-xml-parser'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { closeHttpServer, listenOnLoopback } from '../../../local/loopback.js'
import { freePorts } from '../../../local/ports.js'
import { contentOf, digestsOf, malware } from '../../../tools/soak/clients/content.js'
import { eventLog } from '../../../tools/soak/ledger/eventLog.js'
import { type Outage, type ReceivedEvent, undisturbedMs } from '../../../tools/soak/ledger/ledger.js'
import { totalsOf } from '../../../tools/soak/ledger/statistics.js'
import { KINDS, planFrom, untilNext } from '../../../tools/soak/mix.js'
import { optionsOf, timesOf } from '../../../tools/soak/options.js'
import { lineChart } from '../../../tools/soak/report/charts.js'
import { latencies } from '../../../tools/soak/report/latencies.js'
import { linesAbout } from '../../../tools/soak/report/logLines.js'
import { chartsOf, reportOf, type SoakResult } from '../../../tools/soak/report/report.js'
import { startBalancer } from '../../../tools/soak/stack/balancer.js'
import { randomFrom } from '../../../tools/transfers/random.js'

const folder = await mkdtemp(join(tmpdir(), 'soak-pure-'))
afterAll(() => rm(folder, { recursive: true }))

describe('the options', () => {
  test('are an hour with any seed, unless it is said otherwise', () => {
    expect(optionsOf([], 5)).toEqual({ minutes: 60, seed: 5, rate: 1, out: 'docs/performance/soak' })
    expect(optionsOf(['2.5', '--seed', '7', '--rate', '0.5', '--out', 'x'], 5)).toEqual({
      minutes: 2.5,
      seed: 7,
      rate: 0.5,
      out: 'x',
    })
  })

  test.each([
    ['0'],
    ['-1'],
    ['an hour'],
    ['Infinity'],
    ['1', '2'],
    ['--seed', '1.5'],
    ['--rate', '0'],
    ['--speed', '1'],
  ])('are refused: %s %s', (...args) => {
    expect(() =>
      optionsOf(
        args.filter((each) => typeof each === 'string'),
        5,
      ),
    ).toThrow()
  })

  test('shorten every time with the run, and never to nothing', () => {
    for (const minutes of [0.01, 1, 10, 600])
      for (const seconds of Object.values(timesOf(minutes))) expect(seconds).toBeGreaterThan(0)
    expect(timesOf(600)).toEqual(timesOf(60))
  })
})

describe('the content of a file', () => {
  test('is the same from any offset on, and has the digests of its bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1000), fc.nat(200_000), fc.nat(200_000), async (seed, one, other) => {
        const content = contentOf(seed, 200_000)
        const whole = Buffer.concat([...content.pieces(0, content.size)])
        const [first, last] = [Math.min(one, other), Math.max(one, other)]

        expect(Buffer.from(content.slice(first, last)).equals(whole.subarray(first, last))).toBe(true)
        const digest = (name: string) => createHash(name).update(whole).digest('hex')
        expect(await digestsOf(content)).toEqual({ md5: digest('md5'), sha256: digest('sha256') })
      }),
      { numRuns: 20 },
    )
  })

  test('differs by its seed, and can be empty', async () => {
    const md5Of = async (...[content]: Parameters<typeof digestsOf>) => (await digestsOf(content)).md5
    expect(await md5Of(contentOf(1, 100))).not.toBe(await md5Of(contentOf(2, 100)))
    expect(await md5Of(contentOf(1, 0))).toBe('d41d8cd98f00b204e9800998ecf8427e')
    expect(await md5Of(malware)).toBe('44d88612fea8a8f36de82e1278abb02f') // the EICAR test file's, as published
  })
})

describe('the mix', () => {
  const plans = Array.from({ length: 3000 }, (_, number) => planFrom(randomFrom(number), number))

  test('has every kind, and is the same for the same seed', () => {
    expect(new Set(plans.map(({ kind }) => kind))).toEqual(new Set(KINDS.map(({ name }) => name)))
    expect(planFrom(randomFrom(5), 5)).toEqual(plans[5])
  })

  test('has every way to send and to receive', () => {
    expect(new Set(plans.map(({ way }) => way)).size).toBe(6)
    expect(new Set(plans.flatMap(({ receivers }) => receivers.map(({ receives }) => receives))).size).toBe(6)
    expect(Math.max(...plans.map(({ size }) => size))).toBeGreaterThan(90 * 2 ** 20)
  })

  test('arrives as often as the rate says', () => {
    const random = randomFrom(1)
    const waits = Array.from({ length: 20_000 }, () => untilNext(random, 4))

    expect(waits.reduce((sum, each) => sum + each, 0) / waits.length).toBeCloseTo(250, -1)
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0)
  })
})

test('the undisturbed time is what no outage covers, however they overlap', () => {
  const time = fc.nat(50)
  const outage = fc
    .tuple(time, time)
    .map(([a, b]): Outage => ({ part: '', how: '', from: Math.min(a, b), to: Math.max(a, b) }))

  fc.assert(
    fc.property(time, time, fc.array(outage), (a, b, outages) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)]
      const moments = Array.from({ length: to - from }, (_, index) => from + index + 0.5)
      const free = moments.filter((at) => !outages.some((each) => each.from <= at && at <= each.to))

      expect(undisturbedMs(from, to, outages)).toBe(free.length)
    }),
  )
})

test('a quantile is exact to a tenth, by interval and over all', () => {
  const took = latencies(2)
  for (let ms = 1; ms <= 1000; ms++) took.took('call', ms <= 500 ? 0 : 7, ms)

  const [row] = took.rows()

  expect(row).toMatchObject({ operation: 'call', count: 1000 })
  expect(Math.abs((row?.p50 ?? 0) / 500 - 1)).toBeLessThan(0.1)
  expect(Math.abs((row?.p95 ?? 0) / 950 - 1)).toBeLessThan(0.1)
  expect(took.over('call', 0.5).map((ms) => Math.round((ms ?? 0) / 250))).toEqual([1, 3])
  expect(took.over('another', 0.5)).toEqual([])
})

test('events are read as they are appended, half a line only when it is whole', async () => {
  const file = join(folder, 'events.jsonl')
  const line = (id: string) =>
    `${JSON.stringify({
      receivedAt: '2026-11-28T10:00:01Z',
      event: {
        id,
        type: 'no.altinn.broker.published',
        time: '2026-11-28T10:00:00Z',
        subject: 'urn:altinn:organization:identifier-no:986252932',
        resourceinstance: 'transfer',
        data: { Role: 'Recipient' },
      },
    })}\n`
  const taken: [string, ReceivedEvent][] = []
  const log = eventLog(file, (...each) => taken.push(each))
  onTestFinished(log.close)

  await log.read() // there is no file yet
  await writeFile(file, line('a') + line('b').slice(0, 40))
  await log.read()
  expect(taken.map(([, { id }]) => id)).toEqual(['a'])
  await appendFile(file, line('b').slice(40))
  await log.read()

  const name = 'published > 986252932 as Recipient'
  const at = Date.parse('2026-11-28T10:00:00Z')
  expect(taken).toEqual(['a', 'b'].map((id) => ['transfer', { id, name, at, receivedAt: at + 1000 }]))
})

test('monthly reports are added up by resource and recipient', () => {
  const head =
    'year,month,resourceId,senderVendor,recipientVendor,sender,recipient,totalFileTransfers,uploadCount,totalTransferDownloadAttempts,transfersWithDownloadConfirmed\n'
  const totals = totalsOf([`${head}2026,11,r,,,s,0192:1,3,2,9,1\n`, `${head}2026,12,r,,,s,0192:1,1,1,1,1\n`, head])

  expect([...totals]).toEqual([
    ['r 0192:1', { totalFileTransfers: 4, uploadCount: 3, transfersWithDownloadConfirmed: 2 }],
  ])
})

test('the balancer reaches an instance that accepts, and breaks a connection with its instance', async () => {
  const servers = ['one', 'two'].map((name) => createServer((_, answer) => answer.end(name)))
  const ports = await Promise.all(servers.map((server) => listenOnLoopback(server, 0)))
  const { app: port } = await freePorts()
  const balancer = await startBalancer(port, ports)
  onTestFinished(balancer.stop)
  const ask = async () => (await fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } })).text()

  const both = new Set([await ask(), await ask()])
  const [first, second] = servers
  if (first) await closeHttpServer(first)
  const rest = [await ask(), await ask(), await ask()]
  if (second) await closeHttpServer(second)

  expect(both).toEqual(new Set(['one', 'two']))
  expect(rest).toEqual(['two', 'two', 'two'])
  await expect(ask()).rejects.toThrow()
  expect((first?.address() as AddressInfo | null) ?? null).toBeNull()
})

describe('the report', () => {
  const id = '4a1f7a50-3f0b-4e53-9d4a-6f1d6a7a2b11'
  const took = latencies(3)
  took.took('POST filetransfer', 1, 20)
  const sample = (atMs: number) => ({
    atMs,
    processes: { 'app 1': { memory: 100, handles: 30, sockets: 20 } },
    queues: { due: { messages: 2, oldest: 3 } },
    begun: atMs / 1000,
    over: 0,
    bytes: 0,
  })
  const result: SoakResult = {
    options: { minutes: 1, seed: 42, rate: 1, out: 'x' },
    times: timesOf(1),
    startedAt: Date.parse('2026-11-28T10:00:00Z'),
    endedAt: Date.parse('2026-11-28T10:01:30Z'),
    intervalMs: 20_000,
    findings: [
      { verdict: 'lost', what: 'the purge', id, number: 7 },
      { verdict: 'late', what: 'published', id, number: 7 },
    ],
    left: [],
    unexpected: [],
    serverErrors: [
      `POST filetransfer/${id}/upload: 500 {"code":"BRO-00008"}`,
      `POST filetransfer/${id}/upload: 500 {"code":"BRO-00008"}`,
    ],
    counts: {
      begun: 1,
      confirmed: 0,
      missed: 0,
      events: 4,
      calls: 9,
      broken: 1,
      bytes: 0,
      reminders: 2,
      receipts: 3,
      inbox: 5,
      repeated: 1,
    },
    kinds: { ordinary: 1 },
    outages: [
      {
        part: 'storage',
        how: 'SIGTERM',
        from: Date.parse('2026-11-28T10:00:10Z'),
        to: Date.parse('2026-11-28T10:00:12Z'),
      },
    ],
    latencies: took,
    samples: [sample(0), sample(20_000), sample(40_000)],
    logLines: ['a line'],
  }

  test('says what was lost, with what seed, and where to look', () => {
    const text = reportOf(result, { version: '1', commit: 'abc', machine: 'm', command: 'npm run soak -- 1' })

    expect(text).toContain('**lost 1, doubled 0, late 1**')
    expect(text).toContain('| Seed | 42 |')
    expect(text).toContain('| Changes read in inboxes, and those that came again | 5, 1 |')
    expect(text).toContain(`- lost: the purge (7, \`${id}\`)`)
    expect(text).toContain('- `a line`')
    expect(text).toContain('- POST filetransfer/{id}/upload: BRO-00008, 2 times')
    for (const name of Object.keys(chartsOf(result))) expect(text).toContain(`(${name}.svg)`)
  })

  test('has pictures that are XML, with the disturbance in each', () => {
    for (const chart of Object.values(chartsOf(result))) {
      const svg = lineChart(chart, result.outages, result.startedAt)

      expect(new XMLParser({ ignoreAttributes: false }).parse(svg).svg['@_width']).toBe('900')
      expect(svg).toContain(chart.title)
      expect(svg).toContain('fill-opacity="0.15"')
    }
  })

  test('takes the log lines of what was lost or doubled, and no others', async () => {
    const file = join(folder, 'soak.log')
    await writeFile(file, `app: ${id} was\nanother\n`)

    expect(await linesAbout(file, result.findings)).toEqual([`app: ${id} was`])
    expect(await linesAbout(file, [{ verdict: 'late', what: '', id, number: 1 }])).toEqual([])
  })
})
