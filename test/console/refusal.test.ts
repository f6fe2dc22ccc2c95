import { describe, expect, test } from 'vitest'
import { problemWords } from '../../clients/console/src/format/problemWords.js'
import { fieldOf } from '../../clients/console/src/state/sending/refusal.js'
import { en } from '../../clients/console/src/texts/en.js'
import { nb } from '../../clients/console/src/texts/nb.js'
import { BrokenConnection, BrokerProblem } from '../../clients/typescript/src/index.js'
import { type Problem, problems } from '../../src/domain/problems.js'
import { tusProblems } from '../../src/domain/tus/problems.js'
import { contract } from '../../src/http/contract/contract.js'
import { brokerCode } from '../../src/http/problem/problemJson.js'

// What the form does not ask for, and what is no fault of it.
const OF_NO_FIELD: Problem[] = ['EncryptedFileCannotBeScanned', 'ReminderNotOffered', 'IdempotencyKeyReused']

describe('a refusal of a file transfer', () => {
  const refusals = contract.initializeFileTransfer.problems.filter((name) => problems[name].status < 500)

  test.each(refusals)('stands beside the field that it concerns: %s', (name) => {
    const { code, status } = problems[name]
    const refusal = new BrokerProblem(status, { code: brokerCode(code) })

    expect(fieldOf(refusal) === undefined).toBe(OF_NO_FIELD.includes(name))
  })

  test.each([
    ['FileName', 'file'],
    ['Recipients[3]', 'recipients'],
    ['Recipients', 'recipients'],
    ['ResourceId', 'resource'],
    ['SendersFileTransferReference', 'reference'],
    ['PropertyList.a', 'properties'],
  ])('names the field of the request: %s', (name, field) => {
    expect(fieldOf(new BrokerProblem(400, { errors: { [name]: ['It is wrong.'] } }))).toBe(field)
  })

  test.each([
    new BrokerProblem(400, { code: brokerCode(problems.FileSizeTooBig.code) }),
    new BrokerProblem(tusProblems.UploadTooLarge.status, { detail: tusProblems.UploadTooLarge.detail }),
    new BrokerProblem(413, {}),
  ])('tells that the file is too large: %s', (error) => {
    for (const texts of [nb, en]) expect(problemWords(error, texts).says).toBe(texts.tooLarge)
  })

  test.each([new BrokerProblem(400, {}), new BrokerProblem(400, { errors: { $: ['x'] } }), new BrokenConnection('x')])(
    'concerns no field: %s',
    (error) => {
      expect(fieldOf(error)).toBeUndefined()
    },
  )
})
