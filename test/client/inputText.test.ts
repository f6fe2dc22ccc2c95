import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { inputText } from '../../clients/typescript/src/cli/sending/standardInput.js'

test('a list of the standard input is read to its end', async () => {
  const input = new PassThrough()
  input.write('986252932\n')
  input.end('910753614\n')

  expect(await inputText(input, new AbortController().signal)).toBe('986252932\n910753614\n')
})

test('the signal ends the reading of an input that has no end', async () => {
  const stop = new AbortController()
  const reading = inputText(new PassThrough(), stop.signal)
  stop.abort(new Error('Interrupted'))

  await expect(reading).rejects.toThrow('Interrupted')
})
