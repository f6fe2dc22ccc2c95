import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { verdictLine } from '../../tools/soak/report/report.js'
import { soak } from '../../tools/soak/soak.js'

test('seconds of a soak, with two disturbances, lose and double nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'soak-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const stop = new AbortController()
  // The load ends with the second disturbance, however long a slow machine needs for it.
  let ended = 0
  const log = (line: string) => {
    if (/, for [\d.]+ s$/.test(line) && ++ended === 2) stop.abort()
  }
  const options = { minutes: 0.5, seed: 20, rate: 2, out: folder }

  const result = await soak(options, { log, logFile: join(folder, 'soak.log'), everyMs: 1000, stop: stop.signal })

  expect(result.findings.filter(({ verdict }) => verdict !== 'late')).toEqual([])
  expect(verdictLine(result.findings)).toMatch(/^lost 0, doubled 0, /)
  expect(result.counts.begun).toBeGreaterThan(3)
  expect(result.counts.events).toBeGreaterThan(result.counts.begun)
})
