import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exportJWK, generateKeyPair } from 'jose'
import { projectRoot } from './paths.js'
import { defaultPorts, type Ports } from './ports.js'

/** App settings by name, as in `Values` of local.settings.json. */
export type Settings = Record<string, string>

/** The settings that are private keys, and what each signs by. */
const KEYS = [
  { name: 'MASKINPORTEN_JWK', algorithm: 'RS256' },
  { name: 'RECEIPT_KEY', algorithm: 'ES256' },
] as const

type SettingsFile = { Values: Settings }

const NO_KEY = 'made-at-the-first-start'
const sampleFile = join(projectRoot, 'local.settings.sample.json')
const ownFile = join(projectRoot, 'local.settings.json')

/**
 * The settings of this machine, created from the sample at the first start, with new keys. Later settings come from
 * the sample.
 */
export async function readSettings(): Promise<Settings> {
  const file = await readJson(sampleFile)
  if (existsSync(ownFile)) Object.assign(file.Values, (await readJson(ownFile)).Values)
  const missing = KEYS.filter(({ name }) => file.Values[name] === NO_KEY)
  if (missing.length === 0) return file.Values
  for (const { name, algorithm } of missing) file.Values[name] = await newKey(algorithm)
  await writeFile(ownFile, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 })
  return file.Values
}

/** Settings from the sample for a stack that stores nothing, with keys that are new in this process. */
export async function freshSettings(): Promise<Settings> {
  keys ??= Promise.all(KEYS.map(async ({ name, algorithm }) => [name, await newKey(algorithm)] as const))
  return { ...(await sampleSettings()), ...Object.fromEntries(await keys) }
}

let keys: Promise<(readonly [string, string])[]> | undefined

/** The settings of the sample, which has no keys. */
export const sampleSettings = async (): Promise<Settings> => (await readJson(sampleFile)).Values

/** The same settings for other ports than the default ones. */
export function onPorts(settings: Settings, ports: Ports): Settings {
  const moved = new Map(Object.entries(defaultPorts).map(([name, port]) => [String(port), ports[name as keyof Ports]]))
  const rewrite = (value: string) =>
    value.replace(/127\.0\.0\.1:(\d+)/g, (all, port: string) =>
      moved.has(port) ? `127.0.0.1:${moved.get(port)}` : all,
    )
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, rewrite(value)]))
}

const readJson = async (file: string): Promise<SettingsFile> => JSON.parse(await readFile(file, 'utf8'))

/** A private key as Maskinporten clients keep it: the base64 of a JWK. */
async function newKey(alg: 'RS256' | 'ES256'): Promise<string> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = { ...(await exportJWK(privateKey)), kid: randomUUID(), alg, use: 'sig' }
  return Buffer.from(JSON.stringify(jwk)).toString('base64')
}
