import { describe, expect, test } from 'vitest'
import { err, ok } from '../../../src/domain/result.js'
import { orThrow } from '../../../src/usecases/commit/orThrow.js'

describe('a change for a message', () => {
  test('returns what it has changed', async () => {
    expect(await orThrow(Promise.resolve(ok('changed')))).toBe('changed')
  })

  test('throws when it is refused, to have the message redelivered', async () => {
    await expect(orThrow(Promise.resolve(err('FileTransferBusy')))).rejects.toThrow('Refused: FileTransferBusy')
  })
})
