import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { workerPid } from '../../../local/coreTools/workerPid.js'

const node = process.execPath
const worker = `${node} -e "console.log(process.pid); setInterval(() => {}, 1000)"`
/** Runs a command as a child, as npm's \`func\` does. */
const shim = (command: string) =>
  `require('node:child_process').spawn(${JSON.stringify(command)}, { shell: true, stdio: 'inherit' })`

test.each([
  ['the host starts it', worker],
  ['the host starts other programs too', `sleep 60 & ${worker} & sleep 60`],
])('the worker is the Node process that %s', async (_, host) => {
  const root = spawn(node, ['-e', shim(host)], { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  try {
    const [line] = (await once(createInterface(root.stdout), 'line')) as [string]

    expect(workerPid(root.pid ?? 0)).toBe(Number(line))
  } finally {
    process.kill(-(root.pid ?? 0), 'SIGKILL')
  }
})

test('there is no worker while nothing was started', () => {
  const root = spawn('sleep', ['60'])

  expect(workerPid(root.pid ?? 0)).toBeUndefined()
  root.kill()
})
