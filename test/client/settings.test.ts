import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readFileOf, writeSettings } from '../../clients/typescript/src/cli/settings.js'

test('settings are readable by their owner alone, also in a file that was made by hand', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'settings-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'config.json')
  await writeFile(file, '{ "resource": "a resource with a long name" }', { mode: 0o644 })

  await writeSettings(file, { subscriptionKey: 'secret' })

  expect(await readFileOf(file, true)).toEqual({ subscriptionKey: 'secret' })
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})
