import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair } from 'jose'
import { expect, onTestFinished, test, vi } from 'vitest'
import { connect } from '../../clients/typescript/src/cli/connect.js'

/** Settings of a client in Maskinporten, which does not answer. */
async function settings() {
  const folder = await mkdtemp(join(tmpdir(), 'connect-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const keyFile = join(folder, 'key.jwk')
  await writeFile(keyFile, JSON.stringify({ ...(await exportJWK(privateKey)), kid: 'k' }), { mode: 0o600 })
  return { clientId: 'c', keyFile, environment: 'test', maskinportenUrl: 'http://127.0.0.1:9' }
}

test('the first token is asked for as patiently as Broker, and the signal ends it', async () => {
  const stop = new AbortController()
  const said = vi.fn(() => stop.abort(new Error('Ctrl-C')))

  const connecting = connect(await settings(), { patience: { tries: Infinity }, say: said }, stop.signal)

  await expect(connecting).rejects.toThrow('Ctrl-C')
  expect(said).toHaveBeenCalledWith(expect.stringMatching(/does not answer .*It is tried again/))
})

test('without patience it is asked for once', async () => {
  await expect(connect(await settings())).rejects.toThrow(/does not answer/)
})
