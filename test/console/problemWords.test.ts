import { describe, expect, test } from 'vitest'
import { failureWords } from '../../clients/console/src/format/failureWords.js'
import { isPermanent, problemWords } from '../../clients/console/src/format/problemWords.js'
import { en } from '../../clients/console/src/texts/en.js'
import { nb } from '../../clients/console/src/texts/nb.js'
import {
  BrokenConnection,
  BrokerProblem,
  KeysRefused,
  NotDecrypted,
  TokenRefused,
  TransferEnded,
  WrongBytes,
} from '../../clients/typescript/src/index.js'
import { failureReasons } from '../../src/domain/fileTransfer/failure.js'
import { withDetails } from '../../src/domain/fileTransfer/scanDetails.js'
import { problems } from '../../src/domain/problems.js'
import { contract } from '../../src/http/contract/contract.js'
import { brokerCode } from '../../src/http/problem/problemJson.js'

const refused = new BrokerProblem(404, { code: 'BRO-00001', detail: 'There is none.', traceId: 'abc' })

describe('what went wrong', () => {
  test('is in Norwegian, with code and trace id for the operator', () => {
    const words = { says: 'Filoverføringen finnes ikke.', code: 'BRO-00001', traceId: 'abc', fields: [] }

    expect(problemWords(refused, nb)).toEqual(words)
  })

  test('is in the words of Broker, in English and where there are no others', () => {
    expect(problemWords(refused, en).says).toBe('There is none.')
    expect(problemWords(new BrokerProblem(400, { code: 'BRO-99999', detail: 'Odd.' }), nb).says).toBe('Odd.')
  })

  test('is described field by field', () => {
    const problem = new BrokerProblem(400, { title: 'Validation', errors: { Sender: ['It is wrong.', 'It is odd.'] } })

    expect(problemWords(problem, nb).fields).toEqual(['Sender: It is wrong. It is odd.'])
  })

  test.each([
    [new BrokenConnection('x'), nb.brokenConnection],
    [new TokenRefused(400, 'x'), nb.tokenRefused],
    [new BrokerProblem(401, {}), nb.tokenRefused],
    [new BrokerProblem(403, {}), nb.lacksScope],
    [new TransferEnded('id', 'Failed', 'Malware scan failed: Malicious. Extra details: x'), nb.failures.malicious],
    [new TransferEnded('id', 'Cancelled', 'FileTransfer cancelled'), 'Avsenderen avbrøt filoverføringen.'],
    [new TransferEnded('id', 'Cancelled', 'Feil fil'), 'Avsenderen avbrøt filoverføringen. Begrunnelse: Feil fil'],
    [new TransferEnded('id', 'Purged', ''), nb.wasPurged],
    [new WrongBytes('x'), nb.wrongBytes],
    [new NotDecrypted('x'), nb.notDecrypted],
    [new KeysRefused('none', ['0192:991825827']), nb.haveNoKey('991\u00a0825\u00a0827')],
    [new DOMException('x', 'QuotaExceededError'), nb.noRoom],
    [new DOMException('x', 'NotReadableError'), nb.fileChanged],
    [new Error('Odd.'), 'Odd.'],
    ['odd', 'odd'],
  ])('is described also where Broker has not refused: %s', (error, says) => {
    expect(problemWords(error, nb).says).toBe(says)
  })

  test('of the calls of the console has words', () => {
    const { initializeFileTransfer, uploadFile, getFileTransfer, cancelFileTransfer, downloadFile, confirmDownload } =
      contract
    const calls = [
      initializeFileTransfer,
      uploadFile,
      getFileTransfer,
      cancelFileTransfer,
      downloadFile,
      confirmDownload,
    ]
    const codes = calls.flatMap((call) => call.problems.map((name) => brokerCode(problems[name].code)))

    expect([...new Set(codes)].filter((code) => nb.problems[code] === undefined)).toEqual([])
  })

  test.each([
    [400, nb.refused],
    [415, nb.refused],
    [413, nb.tooLarge],
    [429, nb.brokerIsBusy],
    [500, nb.brokerFails],
    [503, nb.brokerFails],
  ])('is in words without a code of Broker, too: %i', (status, says) => {
    expect(problemWords(new BrokerProblem(status, { detail: 'In English.' }), nb).says).toBe(says)
  })

  test('has words for codes that Broker gives, and for no others', () => {
    const codes = Object.values(problems).map(({ code }) => brokerCode(code))

    expect(Object.keys(nb.problems).filter((code) => !codes.includes(code))).toEqual([])
  })
})

describe('a failure', () => {
  const problem = (status: number) => new BrokerProblem(status, {})

  test.each([
    new TransferEnded('id', 'Failed', 'Malware'),
    new WrongBytes('x'),
    new TokenRefused(400, 'x'),
    new DOMException('x', 'NotReadableError'),
    ...[400, 401, 403, 404, 409, 412, 413, 415, 451].map(problem),
  ])('is for good: %s', (error) => {
    expect(isPermanent(error)).toBe(true)
  })

  test.each([new BrokenConnection('x'), new Error('x'), ...[408, 423, 429, 500, 502, 503, 504].map(problem)])(
    'may pass: %s',
    (error) => {
      expect(isPermanent(error)).toBe(false)
    },
  )
})

describe('a failed file transfer', () => {
  test.each(Object.entries(failureReasons))('is told in a sentence of either language: %s', (name, reason) => {
    for (const texts of [nb, en]) {
      const { says, details } = failureWords(withDetails(reason, 'malware Eicar'), texts)
      expect(says).toBe(texts.failures[name as keyof typeof failureReasons])
      expect(details).toContain('Eicar')
    }
  })

  test('is told also where the reason is new', () => {
    expect(failureWords('Odd.', nb)).toEqual({ says: nb.failures.unknown, details: 'Odd.' })
  })
})
