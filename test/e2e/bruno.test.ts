import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { program } from '../../local/paths.js'
import { sharedJourney } from '../support/journey.js'

const journey = await sharedJourney()

/** What the collection prints when it has passed. @throws with what it printed when it has not. */
async function runCollection(addresses: { app: string; altinn: string }): Promise<string> {
  const env = { ...process.env, BROKER_URL: addresses.app, ALTINN_URL: addresses.altinn }
  return (await promisify(execFile)(process.execPath, [program('tools/bruno.js')], { env })).stdout
}

test('the Bruno collection runs from the first request to the last', async () => {
  expect(await runCollection(journey.stack.urls)).toContain('✓ PASS')
})

test('the Bruno collection fails when something does', async () => {
  const nobody = { ...journey.stack.urls, app: 'http://127.0.0.1:9' }

  await expect(runCollection(nobody)).rejects.toThrow()
})

test('the Bruno collection does not start a stack of its own when only BROKER_URL is given', async () => {
  const { app } = journey.stack.urls

  await expect(runCollection({ app, altinn: '' })).rejects.toThrow('ALTINN_URL is needed too')
})
