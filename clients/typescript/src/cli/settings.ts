import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { UsageError } from './errors.js'

/** Each setting, and its variable in the environment, which comes before the file. */
export const settingVariables = {
  url: 'ALTINN_BROKER_URL',
  environment: 'ALTINN_BROKER_ENVIRONMENT',
  token: 'ALTINN_BROKER_TOKEN',
  clientId: 'ALTINN_BROKER_CLIENT_ID',
  keyFile: 'ALTINN_BROKER_KEY_FILE',
  scope: 'ALTINN_BROKER_SCOPE',
  systemUser: 'ALTINN_BROKER_SYSTEM_USER',
  subscriptionKey: 'ALTINN_BROKER_SUBSCRIPTION_KEY',
  platformUrl: 'ALTINN_BROKER_PLATFORM_URL',
  maskinportenUrl: 'ALTINN_BROKER_MASKINPORTEN_URL',
  resource: 'ALTINN_BROKER_RESOURCE',
} as const

export type SettingName = keyof typeof settingVariables
export type Settings = Partial<Record<SettingName, string>>
type Environment = Record<string, string | undefined>

const names = Object.keys(settingVariables) as SettingName[]

// https://specifications.freedesktop.org/basedir-spec: a path that is not absolute is to be ignored.
const folderOf = (environment: Environment, variable: string, otherwise: string) => {
  const told = environment[variable]
  return join(told?.startsWith('/') ? told : join(environment.HOME ?? homedir(), otherwise), 'altinn-broker')
}

export const configFileOf = (environment: Environment): string =>
  join(folderOf(environment, 'XDG_CONFIG_HOME', '.config'), 'config.json')

/** Where the notes of sendings under way are. */
export const stateFolderOf = (environment: Environment): string =>
  join(folderOf(environment, 'XDG_STATE_HOME', '.local/state'), 'sending')

/** Settings from the file, if it is there, and from the environment. @throws UsageError when the file is none of settings. */
export async function readSettings(environment: Environment, file: string, mustBeThere: boolean): Promise<Settings> {
  const told = names.map((name) => [name, environment[settingVariables[name]]]).filter(([, value]) => value)
  return { ...(await readFileOf(file, mustBeThere)), ...Object.fromEntries(told) }
}

export async function readFileOf(file: string, mustBeThere: boolean): Promise<Settings> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    if (mustBeThere) throw new UsageError(`${file} cannot be read`, { cause })
    return '{}'
  })
  const found = objectIn(text)
  if (!found) throw new UsageError(`${file} is not a JSON object`)
  const unknown = Object.entries(found).find(
    ([name, value]) => !(name in settingVariables) || typeof value !== 'string',
  )
  if (unknown)
    throw new UsageError(`${file}: ${unknown[0]} is not a setting, or not a text. Settings: ${names.join(', ')}`)
  return found
}

/** For the owner alone: there may be keys in it. */
export async function writeSettings(file: string, settings: Settings): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await writeFile(file, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 })
}

function objectIn(text: string): Settings | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
