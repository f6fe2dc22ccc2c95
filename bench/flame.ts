// Where the processor time of the app goes, as pictures: while files of 1 KiB go the whole way at 16 connections, and while 1 GiB goes up and down.
import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from '../local/paths.js'
import { startStack } from '../local/stack.js'
import { keepChart } from './chart.js'
import { flameGraph } from './flameGraph.js'
import { prepare } from './prepare.js'
import { profiled } from './profiled.js'
import { bytes, drained, send } from './transferring.js'

const SIZE = 2 ** 30

const stack = await startStack({ ports: 'free', data: 'fresh' })
try {
  const { api, write, read, initialize } = await prepare(stack)
  const id = await initialize()
  const file = `${api}/filetransfer/${id}`
  const flows = () =>
    promisify(execFile)(process.execPath, [
      ...[join(projectRoot, 'tools/load.mjs'), '--scenario', 'flow', '--concurrency', '16', '--seconds', '15'],
      ...['--base', stack.urls.app, '--token-url', `${stack.urls.altinn}/token?org={org}&scope={scope}`],
    ])
  const upload = async () => {
    const headers = { ...write, 'content-type': 'application/octet-stream' }
    await drained(await send(`${file}/upload`, { method: 'POST', headers, body: bytes(0, SIZE) }))
  }
  const download = async () => drained(await send(`${file}/download`, { method: 'GET', headers: read }))
  await keepChart('flame-flow', flameGraph('Files of 1 KiB, the whole way', await profiled(stack.appPid, flows)))
  await keepChart('flame-upload', flameGraph('An upload of 1 GiB', await profiled(stack.appPid, upload)))
  await keepChart('flame-download', flameGraph('A download of 1 GiB', await profiled(stack.appPid, download)))
} finally {
  await stack.stop()
  await rm(join(projectRoot, '.local', `azurite-${stack.ports.blob}`), { recursive: true, force: true })
}
