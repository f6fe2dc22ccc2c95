import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { BlobServiceClient } from '@azure/storage-blob'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startAzurite } from '../../local/azurite/azurite.js'
import { type CommittedBlob, committedBlob } from '../../local/azurite/committedBlobs.js'
import type { StackProcess } from '../../local/childProcess.js'
import { program } from '../../local/paths.js'
import { assertFree, freePorts, portsOf } from '../../local/ports.js'
import { freshSettings, onPorts, type Settings } from '../../local/settings.js'
import { until } from '../support/until.js'

describe('a blob in the scanned account', () => {
  const committed: CommittedBlob[] = []
  let settings: Settings
  let azurite: StackProcess
  beforeAll(async () => {
    const ports = await freePorts()
    settings = onPorts(await freshSettings(), ports)
    const onBlobCommitted = (blob: CommittedBlob) => void committed.push(blob)
    azurite = await startAzurite({ ports, settings, data: 'memory', log: () => {}, onBlobCommitted })
  })
  afterAll(() => azurite.stop())

  test('is noticed when it is put and when its blocks are committed, and in no other account', async () => {
    const containers = ['UnscannedBlobs', 'ScannedBlobs'].map((name) =>
      BlobServiceClient.fromConnectionString(settings[name] ?? '').getContainerClient('files'),
    )

    for (const container of containers) {
      await container.create()
      await container.getBlockBlobClient('put').upload('a', 1)
      const blob = container.getBlockBlobClient('folder/søknad 1.pdf')
      await blob.stageBlock('AAAA', 'b', 1)
      await blob.setMetadata({}).catch(() => {}) // not there yet
      await blob.commitBlockList(['AAAA'])
      await blob.setMetadata({ a: 'b' })
    }

    await until(() => expect(committed).toHaveLength(2))
    expect(committed).toEqual([
      { container: 'files', name: 'put' },
      { container: 'files', name: 'folder/søknad 1.pdf' },
    ])
  })

  test.each(['"PUT /scanned/c?restype=container HTTP/1.1" 201 -', '"PUT /scanned/c/b HTTP/1.1" 409 -', 'else'])(
    'is not seen in the line %s',
    (line) => {
      expect(committedBlob(line)).toBeUndefined()
    },
  )
})

describe('the ports', () => {
  test('are the usual ones, but for those in the environment', () => {
    expect(portsOf({ BUS_PORT: '1234' })).toEqual({
      app: 7071,
      altinn: 7072,
      console: 7073,
      blob: 10000,
      queue: 10001,
      table: 10002,
      bus: 1234,
    })
    expect(() => portsOf({ APP_PORT: 'x' })).toThrow('APP_PORT')
  })

  test('that are free are given once, also when many ask at a time, and to no outgoing connection', async () => {
    const given = await Promise.all(Array.from({ length: 20 }, freePorts))

    const ports = given.flatMap((each) => Object.values(each))
    expect(new Set(ports).size).toBe(ports.length)
    expect(Math.max(...ports)).toBeLessThan(32_768)
  })

  test('that are taken are named, with the part and the variable', async () => {
    const ports = await freePorts()
    const blockers = [ports.blob, ports.bus].map((port) => createServer().listen(port, '127.0.0.1'))
    await Promise.all(blockers.map((each) => once(each, 'listening')))

    await expect(assertFree(ports)).rejects.toThrow(
      `Port ${ports.blob} for the blob storage is taken. Stop what uses it, or set BLOB_PORT to another port.
Port ${ports.bus} for the Service Bus is taken. Stop what uses it, or set BUS_PORT to another port.`,
    )
    for (const blocker of blockers) blocker.close()
  })

  test('are moved in every setting', async () => {
    const ports = { app: 1, altinn: 10000, console: 7, blob: 10001, queue: 10002, table: 5, bus: 6 }

    const { AzureWebJobsStorage, ALTINN_PLATFORM_URL, ServiceBus } = onPorts(await freshSettings(), ports)

    expect(AzureWebJobsStorage).toMatch(/127.0.0.1:10001\/.*127.0.0.1:10002\/.*127.0.0.1:5\//)
    expect([ALTINN_PLATFORM_URL, ServiceBus]).toEqual(['http://127.0.0.1:10000/', expect.stringContaining(':6;')])
  })
})

describe('the stack', () => {
  const code = `
    const { startStack } = await import(process.argv[1])
    process.env.APP_INSPECT_PORT = '0'
    let inspector
    const log = (line) => (inspector ??= /^app: Debugger listening on ws:..([\\d.:]+)/.exec(line)?.[1])
    const stack = await startStack({ ports: 'free', log })
    const addresses = [stack.urls.app + '/admin/host/status', stack.urls.altinn + '/', 'http://127.0.0.1:' + stack.ports.blob]
    console.log(JSON.stringify([...addresses, 'http://' + inspector + '/json/version']))
  `
  const isUp = (url: string) =>
    fetch(url).then(
      () => true,
      () => false,
    )

  test('lets a debugger attach to the app, and ends, all of it, when its supervisor is killed', async () => {
    const env = { ...process.env, LOCAL_HOST: 'embedded' }
    const supervisor = spawn(process.execPath, ['--input-type=module', '-e', code, program('local/stack.js')], { env })
    const [line] = (await once(createInterface(supervisor.stdout), 'line')) as [string]
    const urls: string[] = JSON.parse(line)
    expect(await Promise.all(urls.map(isUp))).toEqual([true, true, true, true])

    supervisor.kill('SIGKILL')

    await until(async () => expect(await Promise.all(urls.map(isUp))).toEqual([false, false, false, false]))
  })
})
