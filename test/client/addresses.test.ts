import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { brokerUrl, webAddress } from '../../clients/typescript/src/calls/addresses.js'
import { brokerClient, staticToken, UnexpectedResponse } from '../../clients/typescript/src/index.js'

describe('the address of Broker', () => {
  test.each([
    'https://broker.example',
    'https://broker.example/',
    'https://broker.example///',
    'HTTPS://BROKER.Example/',
    'broker.example',
    '//broker.example',
    ' broker.example/\n',
    'broker.example:443',
    'https://broker.example/broker/api/v1',
    'https://broker.example/broker/api/v1/',
    'broker.example/BROKER/API/V1/filetransfer?status=Published#top',
    'https://broker.example/broker/api/v1/docs',
    'https://broker.example?x=1',
    'https://broker.example/#/inbox',
  ])('may be written %j', (text) => {
    expect(brokerUrl(text)).toBe('https://broker.example')
  })

  test.each([
    ['localhost:7071', 'http://localhost:7071'],
    ['127.0.0.1:7071/broker/api/v1', 'http://127.0.0.1:7071'],
    ['[::1]:7071', 'http://[::1]:7071'],
    ['https://localhost:7071', 'https://localhost:7071'],
    ['localhost.example', 'https://localhost.example'],
    ['gateway.example/altinn/broker/api/v1', 'https://gateway.example/altinn'],
    ['gateway.example/broker/', 'https://gateway.example/broker'],
  ])('%j is %s', (text, url) => {
    expect(brokerUrl(text)).toBe(url)
  })

  test.each(['', '   ', 'ftp://broker.example', 'file:///etc', 'https://', 'a b', 'https://me:secret@broker.example'])(
    '%j is none',
    (text) => {
      expect(() => brokerUrl(text)).toThrow(TypeError)
      expect(() => webAddress(text)).not.toThrow(/secret/)
    },
  )
})

describe('a client', () => {
  const serve = async (answer: string) => {
    const paths: string[] = []
    const server = createServer((request, response) => {
      paths.push(request.url ?? '')
      response.end(answer)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    return { paths, client: brokerClient({ baseUrl: `${address}/broker/api/v1/`, token: staticToken('t') }) }
  }

  test('takes the address of the API, too', async () => {
    const { client, paths } = await serve('{"name":"Digdir"}')

    expect(await client.getServiceOwner()).toEqual({ name: 'Digdir' })
    expect(paths).toEqual(['/broker/api/v1/serviceowner'])
  })

  test('says that it is another web server that answers', async () => {
    const { client } = await serve('<!doctype html><title>Welcome</title>')

    await expect(client.getServiceOwner()).rejects.toThrow(UnexpectedResponse)
    await expect(Array.fromAsync(client.searchFileTransfers({ resourceId: 'r' }))).rejects.toThrow(UnexpectedResponse)
  })
})
