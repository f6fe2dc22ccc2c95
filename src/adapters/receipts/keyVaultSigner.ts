import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { PublicKey, ReceiptSigner } from '../../usecases/ports/receipts.js'
import type { Request } from '../altinn/request.js'
import { jsonOf } from '../altinn/upstreamResponse.js'
import { publicKeyOf, publicMembers, signingInput } from './jws.js'

type Settings = {
  /** The address of the key, without a version: `https://{vault}.vault.azure.net/keys/{name}`. */
  address: string
  /** Sends a request with retries and a time-out. */
  request: Request
  /** A token for Key Vault. */
  token: () => Promise<string>
  now: () => Date
}

/** A version of the key: its address in the vault, and what is published of it. */
type Version = { address: string; key: PublicKey; created: number }

// https://learn.microsoft.com/rest/api/keyvault/keys
const API_VERSION = '7.4'
/** A version that was added is published after this time at the latest. */
const FRESH_MS = 600_000
/** Only then does it sign: other instances and the caches of verifiers have its key by then. */
const PUBLISHED_FIRST_SECONDS = 7200

const attributes = z.object({ enabled: z.boolean(), created: z.number(), nbf: z.number().optional() })
const versionPage = z.object({
  value: z.array(z.object({ kid: z.url(), attributes })),
  nextLink: z.string().nullish(),
})
const bundle = z.object({ key: publicMembers })
const signed = z.object({ value: z.string() })

/**
 * Signs by a key that never leaves Key Vault. The newest enabled version signs, two hours after it was created unless it
 * is the only one; all enabled ones are published. They are read every ten minutes, and the ones that were read are kept
 * while the vault does not answer.
 */
export function keyVaultSigner({ address, request, token, now }: Settings): ReceiptSigner {
  const known = new Map<string, PublicKey>()
  const cache = new LRUCache<'versions', Version[]>({
    max: 1,
    ttl: FRESH_MS,
    ttlResolution: 0,
    perf: { now: () => now().getTime() },
    fetchMethod: (_, before) =>
      readVersions().catch((error: unknown) => {
        if (!before) throw error
        return before
      }),
  })
  const versions = () => cache.forceFetch('versions')

  const call = async (url: URL, body?: object): Promise<unknown> => {
    const headers = new Headers({ authorization: `Bearer ${await token()}` })
    if (body) headers.set('content-type', 'application/json')
    const sent = body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers }
    return jsonOf(await request(url, sent))
  }
  const at = (path: string) => new URL(`${path}?api-version=${API_VERSION}`)

  async function readVersions(): Promise<Version[]> {
    const listed: z.output<typeof versionPage>['value'] = []
    let next: URL | undefined = at(`${address}/versions`)
    while (next) {
      const page: z.output<typeof versionPage> = versionPage.parse(await call(next))
      listed.push(...page.value)
      next = page.nextLink ? ofVault(new URL(page.nextLink)) : undefined
    }
    const seconds = now().getTime() / 1000
    const enabled = listed.filter(({ attributes: { enabled, nbf = 0 } }) => enabled && nbf <= seconds)
    const found = await Promise.all(
      enabled.map(async ({ kid, attributes: { created } }) => ({ address: kid, key: await keyAt(kid), created })),
    )
    if (found.length === 0) throw new Error('No version of the key that signs receipts is enabled.')
    return found.toSorted((one, other) => other.created - one.created)
  }

  /** A page of another host would get our token. */
  function ofVault(url: URL): URL {
    if (url.origin !== new URL(address).origin) throw new Error(`Key Vault names a page at ${url.origin}.`)
    return url
  }

  async function keyAt(kid: string): Promise<PublicKey> {
    const before = known.get(kid)
    if (before) return before
    const { key } = bundle.parse(await call(ofVault(at(kid))))
    const published = await publicKeyOf(key)
    known.set(kid, published)
    return published
  }

  return {
    async sign(statement) {
      const found = await versions()
      const before = now().getTime() / 1000 - PUBLISHED_FIRST_SECONDS
      const signing = found.find(({ created }) => created <= before) ?? found.at(-1)
      if (!signing) throw new Error('There is no key that signs receipts.')
      const input = signingInput(signing.key.kid, statement)
      const digest = hash('sha256', input, 'base64url')
      const answer = signed.parse(await call(at(`${signing.address}/sign`), { alg: 'ES256', value: digest }))
      return `${input}.${answer.value}`
    },
    keys: async () => (await versions()).map(({ key }) => key),
  }
}
