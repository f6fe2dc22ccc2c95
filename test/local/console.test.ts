import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LocalWorld } from '../../clients/console/src/state/session.js'
import { type Stack, startStack } from '../../local/stack.js'

let stack: Stack
beforeAll(async () => {
  stack = await startStack({ ports: 'free', console: true })
})
afterAll(() => stack?.stop())

const get = (path: string, init?: RequestInit) => fetch(stack.urls.console + path, init)

/** The status for a path as it is, without the tidying that `fetch` does. */
const statusOf = (path: string) =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(stack.urls.console)
    request({ hostname, port, path }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end()
  })

describe('the console of the local stack', () => {
  test('is a page that may only talk to Broker and to who gives tokens', async () => {
    const response = await get('/')

    const policy = response.headers.get('content-security-policy')
    expect(response.status).toBe(200)
    expect(policy).toContain(`connect-src 'self' ${stack.urls.app} ${stack.urls.altinn};`)
    expect(policy).toContain("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';")
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await response.text()).toContain('<div id="console"')
  })

  test('has scripts and styles that are kept, and a page that is not', async () => {
    const page = await get('/index.html')
    const [script = ''] = /assets\/[\w-]+\.js/.exec(await page.text()) ?? []
    const kept = await get(`/${script}`)

    expect(page.headers.get('cache-control')).toBe('no-cache')
    expect(kept.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(kept.headers.get('cache-control')).toContain('immutable')
  })

  test('serves the settings of the local stack, whose resources can be used by then', async () => {
    const world = (await (await get('/local.json')).json()) as LocalWorld
    const again = await get('/local.json')
    const query = new URLSearchParams({ org: '991825827', scope: 'altinn:serviceowner' })
    const token = await (await fetch(`${world.tokenUrl}?${query}`)).text()
    const resources = await Promise.all(
      world.resources.map(({ id }) =>
        fetch(`${world.brokerUrl}/broker/api/v1/resource/${id}`, {
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        }),
      ),
    )

    expect(world.organisations).toContainEqual({
      number: '986252932',
      name: 'Fjord Regnskap AS',
      isServiceOwner: false,
    })
    expect(world).toMatchObject({ brokerUrl: stack.urls.app, tokenUrl: `${stack.urls.altinn}/token` })
    expect(resources.map(({ status }) => status)).toEqual(world.resources.map(() => 200))
    expect(again.status).toBe(200)
  })

  test.each([
    '/nothing.js',
    '/assets/nothing.js',
    '/../package.json',
    '/assets/../../package.json',
    '/%2e%2e/package.json',
    '/assets',
    '//',
  ])('has nothing at %s', async (path) => {
    expect(await statusOf(path)).toBe(404)
  })

  test('is only to be read', async () => {
    const response = await get('/', { method: 'POST' })

    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, HEAD')
  })

  test.each(['127.0.0.1', 'localhost'])('may call Broker from %s', async (host) => {
    const origin = `http://${host}:${stack.ports.console}`

    const response = await fetch(`${stack.urls.app}/broker/api/v1/filetransfer`, { headers: { origin } })

    expect(response.headers.get('access-control-allow-origin')).toBe(origin)
  })
})
