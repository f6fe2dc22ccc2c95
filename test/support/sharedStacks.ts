import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TestProject } from 'vitest/node'
import type { Stack } from '../../local/stack.js'
import { ownStack } from './ownStack.js'
import { startEmulator } from './storageEmulator.js'

declare module 'vitest' {
  interface ProvidedContext {
    /**
     * The address that answers with a shared stack for the settings that it is sent; at /tables, with a port of tables.
     */
    sharedStacks: string
  }
}

/**
 * Keeps one stack for each set of settings, and one emulator of tables: started when a file first asks, stopped with
 * the run.
 */
export default async function keepSharedStacks({ provide }: TestProject) {
  const stacks = new Map<string, Promise<Stack>>()
  let tables: ReturnType<typeof startEmulator> | undefined
  // A connection that waits for its next test is not closed just when that begins.
  const server = createServer({ keepAliveTimeout: 3_600_000 }, async (request, response) => {
    if (request.url === '/tables') {
      tables ??= startEmulator(['table'], ['tables'])
      response.end(`${(await tables).ports.table}`)
      return
    }
    const settings = await text(request)
    const starting = stacks.get(settings) ?? ownStack({ settings: JSON.parse(settings) })
    stacks.set(settings, starting)
    try {
      const { urls, ports, settings, appPid } = await starting
      response.end(JSON.stringify({ urls, ports, settings, appPid }))
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  provide('sharedStacks', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return async () => {
    server.close()
    const started = await Promise.allSettled([...stacks.values(), ...(tables ? [tables] : [])])
    await Promise.all(started.map((each) => each.status === 'fulfilled' && each.value.stop()))
  }
}
