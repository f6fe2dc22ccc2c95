import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePorts } from '../../../local/ports.js'

const { privateKey } = await generateKeyPair('RS256', { extractable: true })
const jwk = Buffer.from(JSON.stringify(await exportJWK(privateKey))).toString('base64')

function simulator(port: number) {
  const child = fork('dist/local/altinn/main.js', {
    silent: true,
    env: {
      ...process.env,
      ALTINN_PORT: String(port),
      BROKER_URL: 'http://127.0.0.1:1',
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
    const { altinn: port } = await freePorts()
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
    const { altinn: port } = await freePorts()
    const blocker = createServer().listen(port, '127.0.0.1')
    await once(blocker, 'listening')
    const child = simulator(port)
    let said = ''
    child.stderr?.on('data', (chunk) => {
      said += chunk
    })

    const [code] = await once(child, 'close')
    blocker.close()

    expect(code).toBe(1)
    expect(said.trim().split('\n')).toEqual([expect.stringContaining(`port ${port} is taken`)])
  })
})
