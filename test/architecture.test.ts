import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

// The picture in chapter Dependencies of the style guide, read from the imports.

const root = fileURLToPath(new URL('..', import.meta.url))
const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name))
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')

/** What is imported: a file of ours by its path from the root, anything else by its name. */
type Import = { from: string; isOurs: boolean; isType: boolean }

function importsOf(path: string, text: string): Import[] {
  const statements = text.matchAll(
    /^\s*(?:import|export)\s+(?<type>type\s)?(?:[^'"`;]*?\sfrom\s+)?['"](?<from>[^'"]+)['"]|\bimport\(\s*['"](?<late>[^'"]+)['"]/gm,
  )
  return [...statements].map(({ groups }) => {
    const from = groups?.from ?? groups?.late ?? ''
    const isOurs = from.startsWith('.')
    const target = isOurs ? join(dirname(path), from).replace(/\.js$/, '.ts') : from
    return { from: target, isOurs, isType: groups?.type !== undefined }
  })
}

/** The part of the app that a file belongs to. */
const partOf = (path: string) => /^src\/(?:(\w+)\/|(\w+)\.ts$)/.exec(path)?.slice(1).find(Boolean)

const isPort = (path: string) => path.startsWith('src/usecases/ports/')
/** The clients are made from the settings. */
const isSettings = (path: string, from: string) => path === 'src/adapters/azure/clients.ts' && from === 'src/config.ts'
const isAzure = (name: string) => name.startsWith('@azure/')
const isNode = (name: string) => name.startsWith('node:')

/** Whether a file may import this. */
function mayImport(path: string, { from, isOurs, isType }: Import): boolean {
  if (isOurs && !from.startsWith('src/')) return false
  const part = partOf(path)
  const to = partOf(from) ?? ''
  switch (part) {
    case 'app':
    case 'compose':
      return true
    case 'domain':
      return isOurs && to === 'domain'
    case 'usecases':
      return isOurs ? ['domain', 'lib', 'usecases'].includes(to) : from === 'uuid'
    case 'http':
      if (isOurs) return ['domain', 'http', 'lib'].includes(to) || isPort(from)
      return !isAzure(from) || isType
    case 'adapters':
      return isOurs ? ['domain', 'adapters', 'lib'].includes(to) || isPort(from) || isSettings(path, from) : true
    case 'functions':
      if (isOurs)
        return ['app', 'config', 'domain', 'functions', 'http', 'lib'].includes(to) || (isPort(from) && isType)
      return !isNode(from)
    case 'lib':
      return isOurs ? to === 'lib' : from === 'p-map'
    case 'config':
      return from === 'zod'
    default:
      return false
  }
}

const forbidden = (path: string, text: string) =>
  importsOf(path, text)
    .filter((each) => !mayImport(path, each))
    .map(({ from }) => from)

describe('an import', () => {
  test.each([
    ['src/domain/upload.ts', "import { z } from 'zod'", 'zod'],
    ['src/domain/upload.ts', "import { randomUUID } from 'node:crypto'", 'node:crypto'],
    [
      'src/domain/upload.ts',
      "import type { Log } from '../usecases/ports/telemetry.js'",
      'src/usecases/ports/telemetry.ts',
    ],
    ['src/domain/upload.ts', "export { change } from '../usecases/change.js'", 'src/usecases/change.ts'],
    ['src/usecases/change.ts', "import { views } from '../http/views.js'", 'src/http/views.ts'],
    [
      'src/usecases/change.ts',
      "import {\n  rows,\n  more,\n} from '../adapters/tables/rows.js'",
      'src/adapters/tables/rows.ts',
    ],
    ['src/usecases/change.ts', "import { setTimeout } from 'node:timers'", 'node:timers'],
    ['src/usecases/change.ts', "const { app } = await import('../app.js')", 'src/app.ts'],
    ['src/http/serve.ts', "import { app } from '@azure/functions'", '@azure/functions'],
    ['src/http/serve.ts', "import { change } from '../usecases/change.js'", 'src/usecases/change.ts'],
    ['src/adapters/jsonLog.ts', "import type { X } from '../usecases/change.js'", 'src/usecases/change.ts'],
    ['src/adapters/bus/a.ts', "import { queues } from '../../config.js'", 'src/config.ts'],
    ['src/functions/health.ts', "import { rows } from '../adapters/tables/rows.js'", 'src/adapters/tables/rows.ts'],
    [
      'src/functions/health.ts',
      "import { x } from '../usecases/ports/telemetry.js'",
      'src/usecases/ports/telemetry.ts',
    ],
    ['src/functions/health.ts', "import '../usecases/change.js'", 'src/usecases/change.ts'],
    ['src/config.ts', "import { app } from './app.js'", 'src/app.ts'],
    ['src/stray.ts', "import { app } from './app.js'", 'src/app.ts'],
    ['src/http/views.ts', "import { x } from '../../local/stack.js'", 'local/stack.ts'],
    ['src/app.ts', "import { x } from '../test/support/x.js'", 'test/support/x.ts'],
  ])('against the arrows is found: %s, %s', (path, text, found) => {
    expect(forbidden(path, text)).toEqual([found])
  })

  test.each([
    ['src/http/serve.ts', "import type { HttpRequest } from '@azure/functions'"],
    ['src/functions/messages.ts', "import type { DueRow } from '../usecases/ports/telemetry.js'"],
    ['src/adapters/bus/a.ts', "import { ServiceBusClient } from '@azure/service-bus'"],
    ['src/usecases/publishEvents.ts', "import { v5 } from 'uuid'"],
    ['src/domain/upload.ts', "// import { z } from 'zod'\nimport { ok } from './result.js'"],
  ])('along the arrows is not: %s, %s', (path, text) => {
    expect(forbidden(path, text)).toEqual([])
  })
})

describe('the app', () => {
  const sources = filesIn('src')

  test.each(sources)('imports along the arrows alone: %s', (path) => {
    expect(forbidden(path, textOf(path))).toEqual([])
  })

  test('has a part for every file', () => {
    const parts = ['adapters', 'app', 'compose', 'config', 'domain', 'functions', 'http', 'lib', 'usecases']

    expect([...new Set(sources.map(partOf))].sort()).toEqual(parts)
  })

  test('reads the environment in one place', () => {
    expect(sources.filter((path) => /\bprocess\s*(\.|\[['"])\s*env\b/.test(textOf(path)))).toEqual(['src/config.ts'])
  })

  test('cannot tell a machine from the cloud', () => {
    const telling = /azurite|localhost|127\.0\.0\.1|\blocal\//i

    expect(sources.filter((path) => telling.test(textOf(path)))).toEqual([])
  })

  test('knows no time and no chance in its core', () => {
    const impure = /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bcrypto\b|\bawait\b|\basync\b|\bfetch\(/
    const core = sources.filter((path) => partOf(path) === 'domain')

    expect(core.filter((path) => impure.test(textOf(path)))).toEqual([])
  })
})

describe('the console', () => {
  const dependencies = /^(preact|@digdir\/designsystemet-|@fontsource-variable\/inter\/)/
  const ofConsole = /^clients\/console\/src\//
  // What is for browsers in the client.
  const ofClient = /^clients\/typescript\/src\/(?!cli\/|node\.|maskinporten\.)/

  const foreign = (path: string, text: string) =>
    importsOf(path, text)
      .map(({ from }) => from)
      .filter((from) => ![dependencies, ofConsole, ofClient].some((allowed) => allowed.test(from)))

  test.each(filesIn('clients/console/src'))('imports the client and its packages alone: %s', (path) => {
    expect(foreign(path, textOf(path))).toEqual([])
  })

  test.each([
    ["import { z } from 'zod'", 'zod'],
    ["import { fileSource } from '../../typescript/src/node.js'", 'clients/typescript/src/node.ts'],
    ["import { LOCAL } from '../../typescript/src/cli/connect.js'", 'clients/typescript/src/cli/connect.ts'],
    ["import type { Problem } from '../../../src/domain/problems.js'", 'src/domain/problems.ts'],
  ])('and nothing else, which is found: %s', (text, found) => {
    expect(foreign('clients/console/src/app.tsx', text)).toEqual([found])
  })

  test('makes no HTTP calls beside the client, but for what the local stack tells', () => {
    const calling = filesIn('clients/console/src').filter((path) => /\bfetch\b|XMLHttpRequest/.test(textOf(path)))

    expect(calling).toEqual(['clients/console/src/session.ts'])
  })
})

describe('a file', () => {
  const LONGEST = 250

  test.each([
    ...filesIn('src'),
    ...filesIn('local'),
    ...filesIn('clients/typescript/src'),
    ...filesIn('clients/console/src'),
  ])('is short, or says why it is not: %s', (path) => {
    const text = textOf(path)
    const lines = text.trimEnd().split('\n').length
    const saysWhy = /^\/\/ Longer than 250 lines: \S/.test(text)

    if (!saysWhy) expect(lines).toBeLessThanOrEqual(LONGEST)
  })
})
