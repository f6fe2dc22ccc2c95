import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { measurements } from '../../bench/load/measurements.js'
import { planOf } from '../../bench/load/plan.js'
import { ASSUMED_MS, reportOf } from '../../bench/load/report.js'
import { EVENT } from '../../bench/load/transfer.js'
import { projectRoot } from '../../local/paths.js'
import { RESOURCE, sharedJourney } from '../support/journey.js'

const journey = await sharedJourney()
await journey.configure(RESOURCE, {})
const folder = await mkdtemp(join(tmpdir(), 'broker-load-'))
afterAll(() => rm(folder, { recursive: true }))

describe('the command', () => {
  const start = (report: string, args: string[]) => {
    const { app, altinn } = journey.stack.urls
    const env = { ...process.env, BROKER_URL: app, ALTINN_URL: altinn, LOAD_TOKEN_COMMAND: '' }
    const all = ['dist/bench/load.js', '--rate', '20', '--sizes', '1KiB', '--report', report, ...args]
    return spawn(process.execPath, all, { cwd: projectRoot, env, stdio: ['ignore', 'pipe', 'inherit'] })
  }

  test('reports what was started, how long it took, and how that compares with what is assumed', async () => {
    const report = join(folder, 'load.md')

    await once(start(report, ['--max-transfers', '5']), 'exit')

    const text = await readFile(report, 'utf8')
    expect(text).toContain('Ended by: transfers.')
    expect(text).toMatch(/\| transfers begun \| 5 \| 5 \|/)
    expect(text).toMatch(/\| completed \| 5 \|/)
    const [, assumed] = /\| initializeFileTransfer \| 5 \| \d+ \| \d+ \| \d+ \| (\d+) \| [\d.]+ \|/.exec(text) ?? []
    expect(Number(assumed)).toBe(ASSUMED_MS.initializeFileTransfer)
    expect(text).toMatch(/\| events to Altinn, .* \| [\d.]+ \| 11 \| [\d.]+ \|/)
  })

  test('stops at Ctrl-C, and writes its report all the same', async () => {
    const report = join(folder, 'reports/load.md')
    const command = start(report, [])
    const ended = once(command, 'exit')
    const lines = createInterface(command.stdout)
    await once(lines, 'line') // that it begins

    command.kill('SIGINT')

    expect(await ended).toEqual([0, null])
    expect(await readFile(report, 'utf8')).toContain('Ended by: signal.')
  })

  test('says what is missing in one sentence', async () => {
    const env = { ...process.env, BROKER_URL: journey.stack.urls.app, ALTINN_URL: '', LOAD_TOKEN_COMMAND: '' }
    const run = promisify(execFile)(process.execPath, ['dist/bench/load.js'], { cwd: projectRoot, env })

    await expect(run).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/^Set LOAD_TOKEN_COMMAND .*\n$/) })
  })
})

test('a report of nothing but failures has no ratio', () => {
  const measured = measurements()
  measured.failed('initializeFileTransfer', '503')
  measured.failed('uploadFile', '500 BRO-00001')
  measured.failed('initializeFileTransfer', '503')
  const begun = { transfers: 3, bytes: 2 ** 30, dollars: 0.5 }
  const outcomes = { completed: 0, cancelled: 1, confirmed: 0, left: 0, refused: 2 }
  const result = { startedAt: new Date(0), seconds: 60, begun, late: 0, outcomes, measured, endedBy: 'time' as const }

  const report = reportOf(planOf([]), 'http://broker', result)

  expect(report).toContain('| calls |  | 8 |  |')
  expect(report).toContain('| initializeFileTransfer: 503 | 2 |\n| uploadFile: 500 BRO-00001 | 1 |')
  expect(report).not.toMatch(/NaN|Infinity/)
})

test('what the report assumes is what docs/performance says', async () => {
  const text = await readFile(join(projectRoot, 'docs/performance/README.md'), 'utf8')
  const [, row = ''] = /With 5 ms of storage latency[\s\S]*?\n\| +1 \|(.*)\|\n/.exec(text) ?? []
  const medians = row.split('|').map((cell) => Number(cell.split('·')[0]))

  const { initializeFileTransfer, getFileTransfer, searchFileTransfers, uploadFile, [EVENT]: event } = ASSUMED_MS
  expect([initializeFileTransfer, getFileTransfer, searchFileTransfers, uploadFile]).toEqual(medians.slice(0, 4))
  expect(text).toContain(`after publishing it is ${event} ms`)
})
