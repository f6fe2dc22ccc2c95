import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

/** What the command says and its exit code. */
async function demo(file: string) {
  const run = promisify(execFile)(process.execPath, ['dist/local/demo.js', file])
  return run.then(
    ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  )
}

describe('the demo command', () => {
  test.each([
    ['that is not there', '/no/such/file', 'There is no file /no/such/file'],
    ['that is a directory', 'test', 'test is not a file'],
  ])('refuses a file %s in one sentence, before it starts anything', async (_, file, sentence) => {
    expect(await demo(file)).toEqual({ code: 1, stdout: '', stderr: `The demo stopped. ${sentence}.\n` })
  })
})
