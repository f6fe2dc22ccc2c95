import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { crashStack } from '../support/crashStack.js'
import { missingIn } from './coverage.js'
import { playStory, type Samples } from './story.js'

// `npm run samples` keeps what this release writes, beside the samples of the releases before (docs/decisions/0036):
// a part of `npm version`.

const makeWorld = crashStack()
let samples: Samples

beforeAll(async () => {
  samples = await playStory(await makeWorld())
  if (process.env.npm_lifecycle_event === 'samples') await keep(samples)
})

describe('the story of the samples', () => {
  test('has every table, fact, status and deadline, and every kind of message', () => {
    expect(missingIn(samples)).toEqual([])
  })
})

async function keep({ tables, messages }: Samples) {
  const { version } = JSON.parse(await readFile('package.json', 'utf8'))
  if (existsSync(join(import.meta.dirname, version)))
    throw new Error(`test/samples/${version} is there: samples of a release are never written again (decision 36).`)
  for (const [kind, all] of Object.entries({ tables, messages })) {
    const folder = join(import.meta.dirname, version, kind)
    await mkdir(folder, { recursive: true })
    for (const [name, some] of Object.entries(all)) {
      await writeFile(join(folder, `${name}.jsonl`), some.map((each) => `${JSON.stringify(each)}\n`).join(''))
    }
  }
}
