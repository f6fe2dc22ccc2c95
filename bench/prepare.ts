import { z } from 'zod'
import type { Stack } from '../local/stack.js'

export const OWNER = '991825827'
export const RECIPIENT = '986252932'
const RESOURCE = 'altinn-broker-test-resource-1'

const made = z.object({ fileTransferId: z.string() })

/** A service owner with a resource, and headers of those who send and receive on it. */
export async function prepare({ urls }: Pick<Stack, 'urls'>) {
  const api = `${urls.app}/broker/api/v1`
  const headersOf = async (org: string, scope: string) => {
    const answer = await fetch(`${urls.altinn}/token?${new URLSearchParams({ org, scope })}`)
    return { authorization: `Bearer ${await answer.text()}` }
  }
  /** @throws for any answer but a good one. */
  async function call(
    method: string,
    path: string,
    headers: Record<string, string>,
    value?: unknown,
  ): Promise<unknown> {
    const answer = await fetch(`${api}/${path}`, {
      ...{ method, headers: { ...headers, 'content-type': 'application/json' } },
      ...(value !== undefined && { body: JSON.stringify(value) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }

  const owner = await headersOf(OWNER, 'altinn:serviceowner')
  await call('POST', 'serviceowner', owner, { name: 'Digdir' })
  await call('PUT', `resource/${RESOURCE}`, owner, {})
  const write = await headersOf(OWNER, 'altinn:broker.write')
  return {
    ...{ api, call, write },
    read: await headersOf(RECIPIENT, 'altinn:broker.read'),

    /** A file transfer that is not scanned. */
    async initialize(): Promise<string> {
      const asked = {
        ...{ fileName: 'large.bin', resourceId: RESOURCE, sendersFileTransferReference: 'bench' },
        ...{ sender: `0192:${OWNER}`, recipients: [`0192:${RECIPIENT}`], disableVirusScan: true },
      }
      return made.parse(await call('POST', 'filetransfer', write, asked)).fileTransferId
    },
  }
}
