import { randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { clientOf, sending } from '../support/clientOf.js'
import { commandLine } from '../support/commandLine.js'
import { startFaultyProxy } from '../support/faultyProxy.js'
import { bytesOf, KARI, OLA, ownJourney, POLLING } from '../support/journey.js'

const MIB = 2 ** 20

const journey = await ownJourney()
const proxy = await startFaultyProxy(journey.stack.ports.app)
const { start, cli, jsonLines, json, pathOf } = commandLine(journey.stack)
afterAll(() => proxy.stop())

const { fileName: _, ...shared } = sending
const lines = (text: string) => text.trim().split('\n')

describe('a group, on the local stack', () => {
  test('brings files of all sizes to their recipients, who confirm them together', async () => {
    const contents = [0, 1000, 5 * MIB + 7].map((size) => randomBytes(size))
    const files = contents.map((bytes, index) => new File([bytes], `${index}.bin`))

    const { fileTransferGroupId: id, files: sent } = await clientOf(journey).sendGroup(files, shared, {
      oneShotBytes: MIB,
      chunkBytes: MIB,
    })

    const kari = clientOf(journey, KARI)
    await expect(kari.confirmGroup(id)).rejects.toMatchObject({ fileTransferId: sent[0]?.fileTransferId })
    for (const [index, { fileTransferId }] of sent.entries()) {
      const bytes = await bytesOf(await journey.download(KARI, fileTransferId))
      expect(contents[index]?.equals(Buffer.from(bytes))).toBe(true)
    }
    await kari.confirmGroup(id)
    const group = await clientOf(journey).getGroup(id)
    expect(group.fileTransfers.map(({ recipients }) => [recipients.total, recipients.confirmed])).toEqual(
      Array(3).fill([2, 1]),
    )
    expect(await kari.getFileTransfer(sent[1]?.fileTransferId ?? '')).toMatchObject({
      group: { fileTransferGroupId: id, fileNumber: 2, fileCount: 3 },
    })
    await expect(clientOf(journey, OLA).confirmGroup(id)).rejects.toMatchObject({ status: 400 })
  })

  test('is sent, shown, received and confirmed on the command line', async () => {
    await writeFile(pathOf('a.txt'), 'aa')
    await writeFile(pathOf('b.txt'), 'b')

    const [{ fileTransferGroupId: id }, a, b] = await jsonLines('send', 'a.txt', 'b.txt', '--group')
    const early = await cli(['group', id, '--confirm', '--local'])
    const shown = await cli(['group', id, '--local', '--as', '991825827'])
    const received = await cli(['receive', '--group', id, '--confirm', '--out', 'inn/', '--local'])
    const confirmed = await json('group', id)
    const status = await cli(['status', b.fileTransferId, '--local'])

    expect([early.code, early.stderr]).toEqual([3, expect.stringContaining(`a.txt (${a.fileTransferId}): 4`)])
    expect(shown.stdout).toMatch(/^files: 2\nfrom .*, reference a\.txt\nto .*\nID .*\n.* Published, 0 of 1 confirmed /)
    expect([received.code, received.stdout]).toEqual([0, 'inn/a.txt\ninn/b.txt\n'])
    expect(await readFile(pathOf('inn/a.txt'), 'utf8')).toBe('aa')
    const statuses = confirmed.fileTransfers.map((each: { fileTransferStatus: string }) => each.fileTransferStatus)
    expect(statuses).toEqual(['AllConfirmedDownloaded', 'AllConfirmedDownloaded'])
    expect(status.stdout).toContain(`\nfile 2 of 2 of the group ${id}\n`)
  })

  test('goes on with the same uploads after Ctrl-C', async () => {
    await writeFile(pathOf('large.bin'), randomBytes(12 * MIB))
    await writeFile(pathOf('small.bin'), randomBytes(1000))
    const args = ['send', 'small.bin', 'large.bin', '--group', '--local', '--chunk-size', '1MiB']
    const env = { BROKER_URL: `http://127.0.0.1:${proxy.port}` }
    const notes = pathOf('.local/state/altinn-broker/sending')
    proxy.have({ slowMs: 100 })
    const first = start(args, env)
    let said = ''
    first.stdout?.setEncoding('utf8').on('data', (text) => {
      said += text
    })
    await vi.waitFor(async () => {
      expect(lines(said)).toHaveLength(2)
      const note = (await readdir(notes)).find((name) => name.startsWith('file-')) ?? ''
      expect(JSON.parse(await readFile(join(notes, note), 'utf8'))).toHaveLength(4)
    }, POLLING)
    first.kill('SIGINT')
    const code = await new Promise((resolve) => first.once('close', resolve))
    proxy.have('none')

    const second = await cli(args, { env })

    const [group = '', ...ids] = lines(second.stdout)
    expect([code, second.code]).toEqual([130, 0])
    expect([group, ids[0]]).toEqual(lines(said))
    const { fileTransfers } = await json('group', group)
    expect(fileTransfers).toMatchObject([
      { fileTransferId: ids[0], fileTransferSize: 1000, fileTransferStatus: 'Published' },
      { fileTransferId: ids[1], fileTransferSize: 12 * MIB, fileTransferStatus: 'Published' },
    ])
    expect(await readdir(notes)).toEqual([])
  })
})
