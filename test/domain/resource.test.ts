import { describe, expect, test } from 'vitest'
import {
  bareResourceId,
  configure,
  maxSizeBytes,
  newResource,
  purgeDelaySeconds,
  type ResourceChange,
  requiredPartyNumber,
  timeToLiveSeconds,
} from '../../src/domain/resource.js'
import { err, ok } from '../../src/domain/result.js'
import { owner } from '../support/builders.js'

const DAY = 86_400
const resource = newResource('letters', owner)
const approved = { ...resource, isApprovedForDisabledVirusScan: true }
const inProduction = true
const inTest = false

describe('configuring a resource', () => {
  test('changes the given settings and keeps the others', () => {
    const before = { ...resource, maxFileTransferSize: 10, requiredParty: '0192:991825827', searchPartitions: 4 }

    const after = configure(before, { fileTransferTimeToLive: 'P7D', maxFileTransferSize: undefined }, inProduction)

    expect(after).toEqual(ok({ ...before, timeToLiveSeconds: 7 * DAY }))
  })

  test('accepts every setting', () => {
    const change = {
      maxFileTransferSize: 50_000_000_000,
      fileTransferTimeToLive: 'P30D',
      fileTransferMaxTimeToLive: 'P365D',
      purgeFileTransferAfterAllRecipientsConfirmed: false,
      purgeFileTransferGracePeriod: 'PT24H',
      useManifestFileShim: true,
      externalServiceCodeLegacy: '4752',
      externalServiceEditionCodeLegacy: 1,
      requiredParty: '',
    }

    expect(configure(resource, change, inProduction)).toEqual(
      ok({
        ...resource,
        maxFileTransferSize: 50_000_000_000,
        timeToLiveSeconds: 30 * DAY,
        maxTimeToLiveSeconds: 365 * DAY,
        purgeAfterAllConfirmed: false,
        graceSeconds: DAY,
        useManifestFileShim: true,
        externalServiceCodeLegacy: '4752',
        externalServiceEditionCodeLegacy: 1,
        requiredParty: '',
      }),
    )
  })

  test('is idempotent', () => {
    const change = { maxFileTransferSize: 5, fileTransferTimeToLive: 'P1D' }

    const once = configure(resource, change, inProduction)
    const twice = once.ok && configure(once.value, change, inProduction)

    expect(twice).toEqual(once)
  })

  test.each(['P30D', '30.00:00:00'])('accepts a time to live of %s', (fileTransferTimeToLive) => {
    expect(configure(resource, { fileTransferTimeToLive }, inProduction)).toMatchObject(
      ok({ timeToLiveSeconds: 30 * DAY }),
    )
  })

  test.each(['PT2H', '02:00:00'])('accepts a grace period of %s', (purgeFileTransferGracePeriod) => {
    expect(configure(resource, { purgeFileTransferGracePeriod }, inProduction)).toMatchObject(
      ok({ graceSeconds: 7200 }),
    )
  })

  test('accepts a grace period of zero', () => {
    expect(configure(resource, { purgeFileTransferGracePeriod: 'PT0S' }, inProduction)).toMatchObject(
      ok({ graceSeconds: 0 }),
    )
  })

  test.each<[ResourceChange, string]>([
    [{ maxFileTransferSize: -1 }, 'MaxUploadSizeCannotBeNegative'],
    [{ maxFileTransferSize: 0 }, 'MaxUploadSizeCannotBeZero'],
    [{ maxFileTransferSize: 50_000_000_001 }, 'MaxUploadSizeForVirusScan'],
    [{ fileTransferTimeToLive: 'soon' }, 'InvalidTimeToLiveFormat'],
    [{ fileTransferTimeToLive: '30:00:00' }, 'InvalidTimeToLiveFormat'],
    [{ fileTransferTimeToLive: 'P1D\n' }, 'InvalidTimeToLiveFormat'],
    [{ fileTransferTimeToLive: '' }, 'InvalidTimeToLiveFormat'],
    [{ fileTransferTimeToLive: '-P1D' }, 'InvalidTimeToLiveFormat'],
    [{ fileTransferTimeToLive: 'P0D' }, 'InvalidTimeToLiveFormat'],
    [{ fileTransferTimeToLive: 'P365DT1S' }, 'TimeToLiveCannotExceed365Days'],
    [{ fileTransferTimeToLive: 'P10675200D' }, 'TimeToLiveCannotExceed365Days'],
    [{ fileTransferMaxTimeToLive: 'soon' }, 'InvalidMaxTimeToLiveFormat'],
    [{ fileTransferMaxTimeToLive: '' }, 'InvalidMaxTimeToLiveFormat'],
    [{ fileTransferMaxTimeToLive: '-P1D' }, 'InvalidMaxTimeToLiveFormat'],
    [{ fileTransferMaxTimeToLive: 'P0D' }, 'InvalidMaxTimeToLiveFormat'],
    [{ fileTransferMaxTimeToLive: 'P365DT1S' }, 'MaxTimeToLiveCannotExceed365Days'],
    [{ purgeFileTransferGracePeriod: 'soon' }, 'InvalidGracePeriodFormat'],
    [{ purgeFileTransferGracePeriod: '01:60:00' }, 'InvalidGracePeriodFormat'],
    [{ purgeFileTransferGracePeriod: '-PT1S' }, 'InvalidGracePeriodFormat'],
    [{ purgeFileTransferGracePeriod: 'PT24H1S' }, 'GracePeriodCannotExceed24Hours'],
  ])('with %j is refused', (change, problem) => {
    expect(configure(resource, change, inProduction)).toEqual(err(problem))
  })

  // Spec 7.1: a number too large for the original's parser is a matter of form.
  test.each<[ResourceChange, string]>([
    [{ fileTransferTimeToLive: 'P99999999999999999999D' }, 'InvalidTimeToLiveFormat'],
    [{ purgeFileTransferGracePeriod: 'PT99999999999999999999H' }, 'InvalidGracePeriodFormat'],
  ])('with numbers too large to parse, as in %j, is refused as malformed', (change, problem) => {
    expect(configure(resource, change, inProduction)).toEqual(err(problem))
  })

  test('accepts 365 days, and not a second more', () => {
    expect(configure(resource, { fileTransferTimeToLive: 'P365D' }, inProduction).ok).toBe(true)
  })

  test.each([
    [resource, inTest],
    [approved, inProduction],
    [approved, inTest],
  ])('accepts files larger than a scan takes, when it is approved or not in production', (given, isProduction) => {
    const technicalMaximum = 1_677_721_600_000

    expect(configure(given, { maxFileTransferSize: technicalMaximum }, isProduction).ok).toBe(true)
    expect(configure(given, { maxFileTransferSize: technicalMaximum + 1 }, isProduction)).toEqual(
      err('MaxUploadSizeOverGlobal'),
    )
  })

  test('refuses for the missing approval before the technical maximum', () => {
    expect(configure(resource, { maxFileTransferSize: 1_677_721_600_001 }, inProduction)).toEqual(
      err('MaxUploadSizeForVirusScan'),
    )
  })

  test('refuses in order: size, then time to live, then grace period', () => {
    const all = { maxFileTransferSize: 0, fileTransferTimeToLive: 'x', purgeFileTransferGracePeriod: 'x' }
    const { maxFileTransferSize, ...durations } = all
    const { fileTransferTimeToLive, ...grace } = durations

    expect(configure(resource, all, inProduction)).toEqual(err('MaxUploadSizeCannotBeZero'))
    expect(configure(resource, durations, inProduction)).toEqual(err('InvalidTimeToLiveFormat'))
    expect(configure(resource, grace, inProduction)).toEqual(err('InvalidGracePeriodFormat'))
  })
})

describe('a resource with default settings', () => {
  test('keeps a file for thirty days, or two hours after the last confirmation', () => {
    expect(timeToLiveSeconds(resource)).toBe(30 * DAY)
    expect(purgeDelaySeconds(resource)).toBe(7200)
  })

  test('has the limit of the scan, and the technical maximum without a scan', () => {
    expect(maxSizeBytes(resource, true)).toBe(50_000_000_000)
    expect(maxSizeBytes(resource, false)).toBe(1_677_721_600_000)
  })

  test('requires no party', () => {
    expect(requiredPartyNumber(resource)).toBeUndefined()
  })
})

describe('a resource', () => {
  test('that does not purge after confirmation has no grace period', () => {
    expect(purgeDelaySeconds({ ...resource, purgeAfterAllConfirmed: false, graceSeconds: 60 })).toBeUndefined()
  })

  test('limits a scanned file by its own limit and by that of the scan', () => {
    expect(maxSizeBytes({ ...resource, maxFileTransferSize: 1000 }, true)).toBe(1000)
    expect(maxSizeBytes({ ...resource, maxFileTransferSize: 60_000_000_000 }, true)).toBe(50_000_000_000)
    expect(maxSizeBytes({ ...resource, maxFileTransferSize: 60_000_000_000 }, false)).toBe(60_000_000_000)
  })

  test.each(['991825827', '0192:991825827', ' 0192:991825827 ', 'urn:altinn:organization:identifier-no:991825827'])(
    'may name its required party %j',
    (text) => {
      expect(requiredPartyNumber({ ...resource, requiredParty: text })).toBe('991825827')
    },
  )

  test.each(['', '  '])('that requires %j requires nobody', (text) => {
    expect(requiredPartyNumber({ ...resource, requiredParty: text })).toBeUndefined()
  })

  test('has the same id with and without the prefix of Altinn', () => {
    expect(bareResourceId('urn:altinn:resource:letters')).toBe('letters')
    expect(bareResourceId('letters')).toBe('letters')
  })
})
