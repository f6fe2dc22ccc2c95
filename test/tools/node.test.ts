import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectRoot } from '../../local/paths.js'

/** What the check of the Node.js version answers in this one. */
function checked(version: string) {
  const as = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } })`
  const program = [`--import=data:text/javascript,${encodeURIComponent(as)}`, join(projectRoot, 'tools/node.mjs')]
  const { status, stderr } = spawnSync(process.execPath, program, { encoding: 'utf8' })
  return { status, stderr }
}

test.each(['22.18.0', '22.23.3', '24.0.0'])('Node %s is new enough', (version) => {
  expect(checked(version)).toEqual({ status: 0, stderr: '' })
})

test.each(['20.20.2', '22.17.1'])('on Node %s one line says what is needed', (version) => {
  const line = `Node 22.18 or newer is needed; this is ${version}. See .nvmrc, or let \`npm ci\` fetch one for npm's scripts.\n`

  expect(checked(version)).toEqual({ status: 1, stderr: line })
})
