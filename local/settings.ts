import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exportJWK, generateKeyPair } from 'jose'
import { projectRoot } from './paths.js'
import { defaultPorts, type Ports } from './ports.js'

/** App settings by name, as in `Values` of local.settings.json. */
export type Settings = Record<string, string>

type SettingsFile = { Values: Settings }

const NO_KEY = 'made-at-the-first-start'
const sampleFile = join(projectRoot, 'local.settings.sample.json')
const ownFile = join(projectRoot, 'local.settings.json')

/**
 * The settings of this machine, created from the sample at the first start, with a new key. Later settings come from
 * the sample.
 */
export async function readSettings(): Promise<Settings> {
  const file = await readJson(sampleFile)
  if (existsSync(ownFile)) Object.assign(file.Values, (await readJson(ownFile)).Values)
  if (file.Values.MASKINPORTEN_JWK !== NO_KEY) return file.Values
  file.Values.MASKINPORTEN_JWK = await newKey()
  await writeFile(ownFile, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 })
  return file.Values
}

/** Settings from the sample for a stack that stores nothing, with a key that is new in this process. */
export async function freshSettings(): Promise<Settings> {
  key ??= newKey()
  return { ...(await sampleSettings()), MASKINPORTEN_JWK: await key }
}

let key: Promise<string> | undefined

/** The settings of the sample, which has no key. */
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

/** A private RS256 key as Maskinporten clients keep it: the base64 of a JWK. */
async function newKey(): Promise<string> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const jwk = { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: 'RS256', use: 'sig' }
  return Buffer.from(JSON.stringify(jwk)).toString('base64')
}
