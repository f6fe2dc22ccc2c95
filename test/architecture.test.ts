import { readdirSync, readFileSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path/posix'
import { fileURLToPath } from 'node:url'
import { cruise } from 'dependency-cruiser'
import { describe, expect, test } from 'vitest'
import rules from '../.dependency-cruiser.mjs'

// Who may import whom stands in .dependency-cruiser.mjs.

const root = fileURLToPath(new URL('..', import.meta.url))
const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name))
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')

const cruised = async (folders: string[], baseDir = root) => {
  const { output } = await cruise(folders, {
    ...rules.options,
    baseDir,
    ruleSet: { forbidden: rules.forbidden },
    validate: true,
  })
  if (typeof output === 'string') throw new Error(output)
  return output
}

const ARROWS: [file: string, text: string, rule?: string][] = [
  ['src/domain/a.ts', "import { z } from 'zod'", 'the core imports the core'],
  ['src/domain/b.ts', "import { randomUUID } from 'node:crypto'", 'the core imports the core'],
  ['src/domain/c.ts', "import type { Log } from '../usecases/ports/log.js'", 'the core imports the core'],
  ['src/domain/d.ts', "export { x } from '../usecases/sending/fine.js'", 'the core imports the core'],
  ['src/domain/fine.ts', 'export const x = 1'],
  ['src/lib/a.ts', "import { x } from '../domain/fine.js'", 'lib knows nothing of ours'],
  ['src/lib/fine.ts', "export { createHash as x } from 'node:crypto'"],
  ['src/usecases/ports/log.ts', "import { x } from '../../domain/fine.js'; export type Log = typeof x"],
  ['src/usecases/ports/a.ts', "import type { x } from '../sending/fine.js'", 'ports name no use case'],
  ['src/usecases/commit/fine.ts', "export { x } from '../../domain/fine.js'"],
  ['src/usecases/commit/a.ts', "import { x } from '../sending/fine.js'", 'the commit knows no wing'],
  ['src/usecases/sending/fine.ts', "export { x } from '../commit/fine.js'"],
  [
    'src/usecases/sending/a.ts',
    "import { x } from '../../http/gate/fine.js'",
    'use cases see the core and their ports',
  ],
  [
    'src/usecases/sending/b.ts',
    "import {\n  x,\n} from '../../adapters/fine.js'",
    'use cases see the core and their ports',
  ],
  ['src/usecases/sending/c.ts', "import { setTimeout } from 'node:timers'", 'use cases see the core and their ports'],
  ['src/usecases/sending/d.ts', "const { x } = await import('../../app.js')", 'use cases see the core and their ports'],
  ['src/usecases/sending/e.ts', "import { x } from '../operating/fine.js'", 'who sends'],
  ['src/usecases/operating/fine.ts', "export { x } from '../commit/fine.js'"],
  ['src/usecases/operating/a.ts', "import { x } from '../sending/fine.js'", 'who operates'],
  ['src/usecases/receiving/a.ts', "import { x } from '../sending/fine.js'", 'who receives'],
  ['src/usecases/processing/a.ts', "import { x } from '../receiving/a.js'", 'who processes'],
  ['src/http/gate/fine.ts', "import type { HttpRequest } from '@azure/functions'; export const x: HttpRequest | 1 = 1"],
  ['src/http/gate/a.ts', "import { app } from '@azure/functions'", 'http sees the types of Azure alone'],
  ['src/http/gate/b.ts', "import { x } from '../../usecases/commit/fine.js'", 'http sees the core and the ports'],
  ['src/http/gate/c.ts', "import { x } from '../serving/fine.js'", 'the gate serves nobody'],
  ['src/http/gate/d.ts', "import { x } from '../../../local/fine.js'", 'http sees the core and the ports'],
  ['src/http/serving/fine.ts', 'export const x = 1'],
  ['src/http/contract/a.ts', "import { x } from '../serving/fine.js'", 'the contract is data'],
  ['src/adapters/fine.ts', "import { ServiceBusClient } from '@azure/service-bus'; export const x = ServiceBusClient"],
  ['src/adapters/a.ts', "import type { x } from '../usecases/commit/fine.js'", 'adapters see the core and the ports'],
  ['src/adapters/b.ts', "import { x } from '../config.js'", 'adapters see the core and the ports'],
  ['src/functions/a.ts', "import { x } from '../adapters/fine.js'", 'functions see the app and http'],
  ['src/functions/b.ts', "import { x } from '../usecases/ports/values.js'", 'functions see the types of ports alone'],
  ['src/usecases/ports/values.ts', 'export const x = 1'],
  ['src/functions/c.ts', "import '../usecases/commit/fine.js'", 'functions see the app and http'],
  ['src/functions/fine.ts', "import type { Log } from '../usecases/ports/log.js'; import { x } from '../app.js'"],
  ['src/config.ts', "import { x } from './app.js'; export { x }", 'the settings see zod'],
  ['src/app.ts', 'export const x = 1'],
  ['src/compose.ts', "import { x } from './functions/registered.js'", 'the app registers no function'],
  ['src/functions/registered.ts', 'export const x = 1'],
  ['src/stray.ts', "import { x } from '../test/fine.js'", 'the app imports the app'],
  ['src/http/gate/circleA.ts', "import type { B } from './circleB.js'; export type A = B | 1", 'no circle'],
  ['src/http/gate/circleB.ts', "import type { A } from './circleA.js'; export type B = A | 2"],
  ['src/http/gate/lost.ts', "import { x } from './nowhere.js'", 'no import that is not there'],
  ['test/fine.ts', 'export const x = 1'],
  ['local/fine.ts', 'export const x = 1'],
  ['clients/typescript/src/node.ts', 'export const x = 1'],
  ['clients/typescript/src/index.ts', 'export const x = 1'],
  ['clients/console/src/fine.ts', "import { x } from '../../typescript/src/index.js'"],
  ['clients/console/src/a.ts', "import { z } from 'zod'", 'the console sees the client and its packages'],
  [
    'clients/console/src/b.ts',
    "import { x } from '../../typescript/src/node.js'",
    'the console sees the client and its packages',
  ],
  [
    'clients/console/src/c.ts',
    "import { x } from '../../../src/domain/fine.js'",
    'the console sees the client and its packages',
  ],
]

describe('an import', () => {
  test('against the arrows is found, and no other', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'arrows-'))
    for (const [file, text] of ARROWS) {
      await mkdir(dirname(join(folder, file)), { recursive: true })
      await writeFile(join(folder, file), text)
    }
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    await copyFile(join(root, 'tsconfig.json'), join(folder, 'tsconfig.json'))

    const { summary } = await cruised(['src', 'clients'], folder).finally(() => rm(folder, { recursive: true }))

    const found = summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`)
    const expected = ARROWS.flatMap(([file, , rule]) => (rule === undefined ? [] : [`${file}: ${rule}`]))
    const innocent = ARROWS.flatMap(([file, , rule]) => (rule === undefined ? [file] : []))
    expect(expected.filter((each) => !found.includes(each))).toEqual([])
    expect(summary.violations.map(({ from }) => from).filter((from) => innocent.includes(from))).toEqual([])
  })

  test('goes along the arrows, and in no circle', async () => {
    const { summary, modules } = await cruised(['src', 'clients/console/src'])

    expect(summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} → ${to}`)).toEqual([])
    expect(modules.length).toBeGreaterThan(200)
  })
})

describe('the app', () => {
  const sources = filesIn('src')

  test('reads the environment in one place', () => {
    expect(sources.filter((path) => /\bprocess\s*(\.|\[['"])\s*env\b/.test(textOf(path)))).toEqual(['src/config.ts'])
  })

  test('cannot tell a machine from the cloud', () => {
    const telling = /azurite|localhost|127\.0\.0\.1|\blocal\//i

    expect(sources.filter((path) => telling.test(textOf(path)))).toEqual([])
  })

  test('knows no time and no chance in its core', () => {
    const impure = /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bcrypto\b|\bawait\b|\basync\b|\bfetch\(/

    expect(filesIn('src/domain').filter((path) => impure.test(textOf(path)))).toEqual([])
  })
})

describe('the console', () => {
  test('makes no HTTP calls beside the client, but for what the local stack tells', () => {
    const calling = filesIn('clients/console/src').filter((path) => /\bfetch\b|XMLHttpRequest/.test(textOf(path)))

    expect(calling).toEqual(['clients/console/src/state/session.ts'])
  })
})

describe('a room', () => {
  const MOST = 15

  test('has at most 15 files', () => {
    const rooms = Map.groupBy(
      ['src', 'local', 'tools', 'clients/typescript/src', 'clients/console/src'].flatMap(filesIn),
      (path) => dirname(path),
    )
    const full = [...rooms]
      .filter(([, files]) => files.length > MOST)
      .map(([room, files]) => `${room}: ${files.length}`)

    expect(full).toEqual([])
  })
})

describe('a file', () => {
  const LONGEST = 250

  test('is short, or says why it is not', () => {
    const files = ['src', 'local', 'tools', 'clients/typescript/src', 'clients/console/src'].flatMap(filesIn)
    const long = files.filter((path) => {
      const text = textOf(path)
      return text.trimEnd().split('\n').length > LONGEST && !/^\/\/ Longer than 250 lines: \S/.test(text)
    })

    expect(long).toEqual([])
  })
})
