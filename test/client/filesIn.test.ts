import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { outputTo } from '../../clients/typescript/src/cli/output.js'
import { filesIn } from '../../clients/typescript/src/cli/sending/files.js'

const parent = await mkdtemp(join(tmpdir(), 'files-in-'))
const folder = join(parent, 'project')
afterAll(() => rm(parent, { recursive: true }))
const output = outputTo({ write() {} }, { write() {} }, { json: false, quiet: false })

describe('the files of a folder', () => {
  test.each(['', '/', '//', '/.', '/under/..'])('are the same when its path ends in "%s"', async (end) => {
    await mkdir(join(folder, '.git'), { recursive: true })
    await mkdir(join(folder, 'under'), { recursive: true })
    for (const name of ['.env', '.git/config', 'a.txt', 'under/b.txt']) await writeFile(join(folder, name), 'x')

    const names = [`${folder}${end}`, `${parent}/./project${end}`, `${parent}//project${end}`]
    const found = await Promise.all(names.map((name) => filesIn([name], output)))

    for (const files of found) expect(files.map(({ source }) => source.name)).toEqual(['a.txt', 'b.txt'])
  })

  test('may be in a hidden folder', async () => {
    const hidden = join(parent, '.hidden')
    await mkdir(hidden)
    await writeFile(join(hidden, 'c.txt'), 'x')

    expect((await filesIn([hidden], output)).map(({ source }) => source.name)).toEqual(['c.txt'])
  })
})
