import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectRoot } from '../../local/paths.js'
import { copyOfProgram } from '../support/otherPrograms.js'

const HEADER = '// Longer than 250 lines: generated from openapi.json by `npm run wire`.\n'

describe("the client's wire types", () => {
  test('are those that openapi-typescript generates; npm run wire writes them', { timeout: 120_000 }, async () => {
    const { folder, run } = await copyOfProgram('generated/typescript', 'generated-wire')
    const { openapi, info, components } = JSON.parse(await readFile(join(projectRoot, 'openapi.json'), 'utf8'))
    const document = { openapi, info, paths: {}, components: { schemas: components.schemas } }
    await writeFile(join(folder, 'schemas.json'), JSON.stringify(document))
    await run('npm', ['ci', '--no-audit', '--no-fund'])
    const generator = join(folder, 'node_modules/openapi-typescript/bin/cli.js')
    await run(process.execPath, [generator, 'schemas.json', '--output', 'schema.ts'])
    const generated = await readFile(join(folder, 'schema.ts'), 'utf8')

    await expect(HEADER + generated).toMatchFileSnapshot(join(projectRoot, 'clients/typescript/src/wire/schema.ts'))
  })
})
