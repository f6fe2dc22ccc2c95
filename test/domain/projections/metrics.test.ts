import { describe, expect, test } from 'vitest'
import { evolveAll } from '../../../src/domain/fileTransfer/evolve.js'
import type { Fact } from '../../../src/domain/fileTransfer/state.js'
import { completeUpload } from '../../../src/domain/fileTransfer/upload.js'
import { measurementsOf } from '../../../src/domain/projections/metrics.js'
import {
  attempt,
  deadlineSettings,
  factsOf,
  file,
  initialized,
  inSeconds,
  kari,
  published,
  uploadStarted,
  verdict,
} from '../../support/builders.js'

const started = uploadStarted() // a minute after the start
const completedFacts = factsOf(completeUpload(started, file(), deadlineSettings, inSeconds(90)))
const processing = evolveAll(started, completedFacts)
const entered = (status: string) => ({ metric: 'transfers', value: 1, attributes: { status } })
const failedFor = (reason: string): Fact => ({ type: 'UploadFailed', reason, released: [], at: inSeconds(100) })
const recorded = (seconds: number): Fact => ({
  type: 'ScanVerdictRecorded',
  attemptId: attempt,
  verdict: verdict(),
  at: inSeconds(seconds),
})

describe('what is measured of a change', () => {
  test('is of a complete upload its size, and how long it took', () => {
    expect(measurementsOf(started, completedFacts)).toEqual([
      entered('UploadProcessing'),
      { metric: 'bytesUploaded', value: 1000 },
      { metric: 'uploadTime', value: 30 },
    ])
  })

  test('is of a complete upload only its size when nobody knows when it began', () => {
    expect(measurementsOf(initialized(), completedFacts)).toEqual([
      entered('UploadProcessing'),
      { metric: 'bytesUploaded', value: 1000 },
    ])
  })

  test('is of a verdict the time since the upload was complete, and none for a verdict that came before', () => {
    expect(measurementsOf(processing, [recorded(97)])).toEqual([
      { metric: 'scanTime', value: 7, attributes: { result: 'Clean' } },
    ])
    expect(measurementsOf(started, [recorded(70)])).toEqual([
      { metric: 'scanTime', value: 0, attributes: { result: 'Clean' } },
    ])
  })

  test('is of a publication the time since the upload was complete, also when both are one change', () => {
    const facts: Fact[] = [{ type: 'Published', at: inSeconds(95) }]

    expect(measurementsOf(processing, facts)).toEqual([
      entered('Published'),
      { metric: 'publishTime', value: 5, attributes: { outcome: 'inTime' } },
    ])
    expect(measurementsOf(started, [...completedFacts, ...facts])).toContainEqual({
      metric: 'publishTime',
      value: 5,
      attributes: { outcome: 'inTime' },
    })
  })

  test('is of a failure the time without a publication, where Broker or its scanner has failed', () => {
    expect(measurementsOf(processing, [failedFor('The malware scan gave no result in time')])).toEqual([
      entered('Failed'),
      { metric: 'publishTime', value: 10, attributes: { outcome: 'never' } },
    ])
    expect(measurementsOf(processing, [failedFor('Checksum mismatch')])).toEqual([entered('Failed')])
    expect(measurementsOf(started, [failedFor('Upload timed out')])).toEqual([entered('Failed')])
  })

  test('is of a file that is withdrawn that it was', () => {
    const withdrawn: Fact = { type: 'FileWithdrawn', reason: 'malware', released: [], at: inSeconds(300) }

    expect(measurementsOf(published({ [kari]: 'Initialized' }), [withdrawn])).toEqual([
      entered('Failed'),
      { metric: 'withdrawn', value: 1 },
    ])
  })

  test.each(['Purged', 'Cancelled', 'AllConfirmedDownloaded'] as const)('is that a transfer is %s', (type) => {
    const fact = { type, released: [], at: inSeconds(300) } as unknown as Fact

    expect(measurementsOf(processing, [fact])).toEqual([entered(type)])
  })

  test('is nothing where the status stays', () => {
    const started: Fact = { type: 'DownloadStarted', recipient: kari, number: 1, at: inSeconds(300) } as Fact

    expect(measurementsOf(published({ [kari]: 'Initialized' }), [started])).toEqual([])
  })
})
