import { randomBytes } from 'node:crypto'
import { type FileHandle, link, mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { brokerClient, staticToken } from '../../clients/typescript/src/index.js'
import { place } from '../../clients/typescript/src/node/disk.js'
import { type FileSink, fileSink } from '../../clients/typescript/src/node.js'
import { type FakeBroker, startFakeBroker } from '../support/fakeBroker.js'

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  return { ...real, link: vi.fn(real.link) }
})

let broker: FakeBroker
let folder: string
beforeEach(async () => {
  broker = await startFakeBroker()
  folder = await mkdtemp(join(tmpdir(), 'file-sink-'))
  return async () => {
    await broker.stop()
    await rm(folder, { recursive: true })
  }
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.mocked(link).mockReset()
})

const client = (fetch?: typeof globalThis.fetch) =>
  brokerClient({
    baseUrl: broker.url,
    token: staticToken('t'),
    patience: { tries: 1 },
    ...(fetch && { fetch }),
  })
const receive = (id: string, sink: FileSink) => client().receive(id, sink, { confirm: true })
const at = (name: string) => join(folder, name)

describe('a file on the disk', () => {
  test('is synced, and then its folder, before the download is confirmed', async () => {
    const id = broker.add('a', 'bytes')
    await using some = await open(folder)
    const order: string[] = []
    const real = Object.getPrototypeOf(some).sync
    vi.spyOn(Object.getPrototypeOf(some), 'sync').mockImplementation(async function (this: FileHandle) {
      const stats = await this.stat()
      order.push(stats.isDirectory() ? `folder with ${await readdir(folder)}` : `file of ${stats.size} bytes`)
      await real.call(this)
    })
    const fetching: typeof fetch = (url, init) => {
      if (init?.method === 'POST') order.push('confirmed')
      return fetch(url, init)
    }

    await client(fetching).receive(id, fileSink(at('a')), { confirm: true })

    expect(order).toEqual(['file of 5 bytes', 'folder with a', 'confirmed'])
  })

  test.each(['file', 'folder'])('is not confirmed when its %s cannot be synced', async (which) => {
    const id = broker.add('a', 'bytes')
    await using some = await open(folder)
    vi.spyOn(Object.getPrototypeOf(some), 'sync').mockImplementation(async function (this: FileHandle) {
      if ((await this.stat()).isDirectory() === (which === 'folder')) throw new Error('EIO')
    })

    await expect(receive(id, fileSink(at('a')))).rejects.toThrow('EIO')
    expect(broker.confirmed).toEqual([])
  })

  test('replaces what is there, gets a name of its own, or is refused', async () => {
    await writeFile(at('a.txt'), 'old')
    const [one, two, three] = ['1', '2', '3'].map((text) => broker.add('a.txt', text))
    const numbered = fileSink(at('a.txt'), { ifExists: 'number' })

    await receive(one ?? '', numbered)
    await receive(two ?? '', fileSink(at('a.txt')))
    const refused = receive(three ?? '', fileSink(at('a.txt'), { ifExists: 'refuse' }))

    await expect(refused).rejects.toThrow(`${at('a.txt')} is there already`)
    expect(numbered.path()).toBe(at('a (2).txt'))
    expect(await Promise.all(['a.txt', 'a (2).txt'].map((name) => readFile(at(name), 'utf8')))).toEqual(['2', '1'])
    expect(broker.confirmed).toEqual([one, two])
  })

  test.each([
    ['refuse', 'a file', 'is there already'],
    ['refuse', 'a folder', 'is there already'],
    ['replace', 'a folder', 'is not a file'],
  ] as const)(
    'that cannot get its name (%s: %s) is refused before a byte is asked for',
    async (ifExists, what, why) => {
      await (what === 'a file' ? writeFile(at('a'), 'old') : mkdir(at('a')))
      let pieces = 0
      const id = broker.add('a', 'bytes', { onPiece: () => void pieces++ })

      await expect(receive(id, fileSink(at('a'), { ifExists }))).rejects.toThrow(why)

      expect(pieces).toBe(0)
      expect(await readdir(folder)).toEqual(['a'])
    },
  )

  test('is not the file when it is longer than Broker says, also without an MD5', async () => {
    const overview = { fileTransferId: 'id', fileName: 'a', fileTransferSize: 3, checksum: null }
    const longer: typeof fetch = async (url) =>
      String(url).endsWith('/download') ? new Response('bytes') : Response.json(overview)

    await expect(client(longer).receive('id', fileSink(at('a')))).rejects.toThrow('a should be 3 bytes; it is 5 bytes')

    expect(await readdir(folder)).toEqual([])
  })

  test('starts anew where an earlier attempt has left more than there should be', async () => {
    const id = broker.add('a', 'bytes')
    await writeFile(at(`a.${id}.part`), 'more bytes')

    await receive(id, fileSink(at('a')))

    expect(await readFile(at('a'), 'utf8')).toBe('bytes')
  })

  test('keeps each of several that arrive concurrently, also on a disk without links', async () => {
    for (const code of [undefined, 'EPERM', 'ENOTSUP']) {
      if (code) vi.mocked(link).mockRejectedValue(Object.assign(new Error(code), { code }))
      const texts = ['a', 'b', 'c', 'd'].map((each) => each + code)
      const ids = texts.map((text) => broker.add('x', text))

      const sinks = ids.map(() => fileSink(at(`${code}.txt`), { ifExists: 'number' }))
      await Promise.all(ids.map((id, index) => receive(id, sinks[index] as FileSink)))

      expect(await Promise.all(sinks.map((sink) => readFile(sink.path(), 'utf8')))).toEqual(texts)
    }
    expect(await readdir(folder)).toHaveLength(12)
  })

  test('may have a name that leaves no room for more', async () => {
    const name = `${'字'.repeat(83)}.pdf`
    const id = broker.add('x', 'bytes')

    await receive(id, fileSink(at(name)))

    expect(await readdir(folder)).toEqual([name])
  })

  test('written by several concurrently, whenever they start, is one complete file and no failure', {
    timeout: 120_000,
  }, async () => {
    const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
    for (let round = 0; round < 40; round += 1) {
      const bytes = randomBytes(500_000)
      const id = broker.add('a', bytes, { onPiece: turn })
      const sinks = [0, 1, 2, 3].map(() => fileSink(at(`${round}`), { ifExists: 'number' }))
      const receiving = sinks.map(async (sink, index) => {
        for (let turns = 0; turns < index * round; turns += 1) await turn()
        await receive(id, sink)
      })
      await Promise.all(receiving)

      for (const sink of sinks) expect((await readFile(sink.path())).equals(bytes)).toBe(true)
    }
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  test('that has got its name by a process that died then keeps it', async () => {
    const id = broker.add('a', 'bytes')
    await writeFile(at('a'), 'bytes')
    await link(at('a'), at(`a.${id}.part`))
    const sink = fileSink(at('a'), { ifExists: 'number' })

    await receive(id, sink)

    expect([sink.path(), await readFile(at('a'), 'utf8'), broker.confirmed]).toEqual([at('a'), 'bytes', [id]])
  })
})

test('the beginning of another try does not take the place of a file that two processes have received', async () => {
  const [part, path] = [join(folder, 'a.part'), join(folder, 'a')]
  await writeFile(part, 'the whole file')
  await using late = await open(part)
  await rename(part, path) // the first process is done, and a third has begun
  await writeFile(part, 'the wh')

  expect(await place(late, part, path, 'replace')).toBe(path)

  expect(await readFile(path, 'utf8')).toBe('the whole file')
  expect(await readFile(part, 'utf8')).toBe('the wh')
  expect((await readdir(folder)).toSorted()).toEqual(['a', 'a.part'])
})
