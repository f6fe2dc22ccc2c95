import { describe, expect, test } from 'vitest'
import { problems } from '../../src/domain/problems.js'

describe('the problems', () => {
  test('have unique numbers', () => {
    const codes = Object.values(problems).map(({ code }) => code)

    expect(new Set(codes).size).toBe(codes.length)
  })

  test('have the numbers and statuses of Altinn Broker', () => {
    const known = Object.entries(problems).map(([name, { code, status }]) => [code, name, status])

    expect(known.filter(([code]) => Number(code) < 8000)).toEqual([
      [1, 'FileTransferNotFound', 404],
      [2, 'ServiceOwnerNotConfigured', 400],
      [3, 'NoFileUploaded', 400],
      [4, 'FileTransferAlreadyUploaded', 409],
      [5, 'InvalidResourceDefinition', 403],
      [6, 'NoAccessToResource', 401],
      [7, 'FileTransferNotAvailable', 403],
      [8, 'UploadFailed', 500],
      [9, 'ChecksumMismatch', 400],
      [10, 'FileTransferNotPublished', 400],
      [11, 'MaxUploadSizeCannotBeNegative', 400],
      [12, 'MaxUploadSizeCannotBeZero', 400],
      [13, 'MaxUploadSizeForVirusScan', 400],
      [14, 'InvalidTimeToLiveFormat', 400],
      [15, 'TimeToLiveCannotExceed365Days', 400],
      [16, 'FileSizeTooBig', 400],
      [17, 'InvalidGracePeriodFormat', 400],
      [18, 'GracePeriodCannotExceed24Hours', 400],
      [19, 'ConfirmDownloadBeforeDownloadStarted', 400],
      [20, 'NotApprovedForDisabledVirusScan', 400],
      [21, 'StorageProviderNotReady', 503],
      [22, 'MaxUploadSizeOverGlobal', 400],
      [24, 'ServiceOwnerHasNotBeenConfigured', 400],
      [25, 'ResourceHasNotBeenConfigured', 400],
      [26, 'RequiredPartyNotSpecified', 400],
      [27, 'RequiredPartyInvalidRecipientConfiguration', 400],
      [28, 'RecipientNotInAccessList', 400],
      [29, 'InvalidByteRange', 416],
      [6001, 'NoFileTransfersFound', 404],
      [6002, 'ReportGenerationFailed', 500],
      [6003, 'InvalidMonthFormat', 400],
      [6005, 'EndUserAndVendorBothExcluded', 400],
      [7001, 'CallerOrganizationIdNotFound', 400],
      [7002, 'ServiceOwnerAlreadyExists', 409],
      [7003, 'ServiceOwnerInitializationFailed', 500],
      [7004, 'ServiceOwnerNotFound', 404],
    ])
  })

  test('that Altinn Broker does not have have numbers that it does not use', () => {
    const own = Object.entries(problems).map(([name, { code, status }]) => [code, name, status])

    expect(own.filter(([code]) => Number(code) >= 8000).sort()).toEqual([
      [8001, 'FileTransferBusy', 503],
      [8002, 'FileTransferAlreadyEnded', 409],
      [8003, 'IdempotencyKeyReused', 409],
      [8010, 'MaskinportenKeyIsRotatedByHand', 501],
      [8020, 'UploadLinksSwitchedOff', 403],
      [8021, 'DownloadLinksSwitchedOff', 403],
      [8022, 'NoFileAtUploadLink', 409],
      [8023, 'FileMayStillChange', 409],
      [8030, 'ReminderNotOffered', 400],
      [8040, 'ExpirationTimeCannotBeChanged', 409],
      [8041, 'ExpirationTimeNotInFuture', 400],
      [8042, 'ExpirationTimeTooLate', 400],
      [8043, 'InvalidMaxTimeToLiveFormat', 400],
      [8044, 'MaxTimeToLiveCannotExceed365Days', 400],
      [8050, 'InboxCursorExpired', 410],
      [8060, 'ReceiptsSwitchedOff', 403],
      [8061, 'ReceiptBeforePublished', 409],
      [8080, 'FileTransferGroupNotFound', 404],
      [8090, 'RecipientWithoutEncryptionKey', 400],
      [8091, 'EncryptedFileCannotBeScanned', 400],
    ])
  })

  test('are described in a sentence', () => {
    for (const { detail } of Object.values(problems)) expect(detail).toMatch(/^[A-Za-z].*\.$/)
  })
})
