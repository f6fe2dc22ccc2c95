import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import { describe, expect, onTestFinished, test } from 'vitest'

const { privateKey } = await generateKeyPair('RS256', { extractable: true })
const jwk = Buffer.from(JSON.stringify(await exportJWK(privateKey))).toString('base64')

/** A port that was free a moment ago, and the server that holds it until it is closed. */
async function freePort() {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    release: () => new Promise((resolve) => server.close(resolve)),
  }
}

function simulator(port: number) {
  const child = fork('dist/local/altinn/main.js', {
    silent: true,
    env: {
      ...process.env,
      ALTINN_PORT: String(port),
      MASKINPORTEN_CLIENT_ID: 'broker',
      MASKINPORTEN_JWK: jwk,
      ScannedBlobs:
        'DefaultEndpointsProtocol=http;AccountName=scanned;AccountKey=eA==;BlobEndpoint=http://127.0.0.1:1/scanned;',
      ServiceBus: 'Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=l;SharedAccessKey=l;UseDevelopmentEmulator=true',
    },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

describe('the process of the simulator', () => {
  test('says when it is ready, and ends with the channel to its parent', async () => {
    const { port, release } = await freePort()
    await release()
    const child = simulator(port)

    const [message] = await once(child, 'message')
    const openid = '/authentication/api/v1/openid/.well-known/openid-configuration'
    const discovery = await fetch(`http://127.0.0.1:${port}${openid}`)
    child.disconnect()
    const [code] = await once(child, 'exit')

    expect(message).toBe('ready')
    expect(discovery.status).toBe(200)
    expect(code).toBe(0)
  })

  test('says in one sentence that its port is taken', async () => {
    const { port, release } = await freePort()
    const child = simulator(port)
    let said = ''
    child.stderr?.on('data', (chunk) => {
      said += chunk
    })

    const [code] = await once(child, 'close')
    await release()

    expect(code).toBe(1)
    expect(said.trim().split('\n')).toEqual([expect.stringContaining(`port ${port} is taken`)])
  })
})
