import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectRoot } from '../../local/paths.js'
import { KARI, OWNER, RESOURCE, sharedJourney } from '../support/journey.js'
import { copyOfProgram } from '../support/otherPrograms.js'

const NAME = 'postman/altinn-broker.postman_collection.json'

/** A copy of the program with its packages: Postman's converter and its runner. */
const installed = copyOfProgram('generated/postman', 'generated-clients/postman').then(async (program) => {
  await program.run('npm', ['ci', '--no-audit', '--no-fund'])
  return program
})

describe('the collection for Postman', () => {
  test('is what its converter makes of openapi.json; npm run postman writes it', { timeout: 120_000 }, async () => {
    const { folder, run } = await installed
    await run(process.execPath, ['collection.js', join(projectRoot, 'openapi.json'), 'collection.json'])

    const made = await readFile(join(folder, 'collection.json'), 'utf8')
    await expect(made).toMatchFileSnapshot(join(projectRoot, NAME))
  })

  test('goes the whole way in the runner of Postman, from one address and no token', { timeout: 120_000 }, async () => {
    const { folder, run } = await installed
    const journey = await sharedJourney()
    await journey.configure(RESOURCE, {})
    const { app, altinn } = journey.stack.urls
    const folders = ['initializeFileTransfer', 'searchFileTransfers', 'uploadFile', 'getFileTransfer', 'downloadFile']
    const others = ['confirmDownload', 'getOrganizationNames', 'listFileTransfers', 'getHealth', 'getResource']
    const given = { baseUrl: app, altinnUrl: altinn, resource: RESOURCE, sender: OWNER, recipient: KARI }
    const args = [
      ...[...folders, ...others].flatMap((each) => ['--folder', each]),
      ...Object.entries(given).flatMap(([name, value]) => ['--env-var', `${name}=${value}`]),
    ]

    const newman = join(folder, 'node_modules/newman/bin/newman.js')
    const report = await run(process.execPath, [newman, 'run', join(projectRoot, NAME), ...args, '--color', 'off'])

    for (const each of [...folders, ...others]) expect(report).toContain(each)
  })
})
