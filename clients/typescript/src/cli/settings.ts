import { mkdir, open, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { UsageError } from './errors.js'
import { fileFault } from './faultWords.js'

/** Each setting and its environment variable, which overrides the file. */
export const settingVariables = {
  url: 'ALTINN_BROKER_URL',
  environment: 'ALTINN_BROKER_ENVIRONMENT',
  token: 'ALTINN_BROKER_TOKEN',
  clientId: 'ALTINN_BROKER_CLIENT_ID',
  keyFile: 'ALTINN_BROKER_KEY_FILE',
  kid: 'ALTINN_BROKER_KID',
  scope: 'ALTINN_BROKER_SCOPE',
  systemUser: 'ALTINN_BROKER_SYSTEM_USER',
  subscriptionKey: 'ALTINN_BROKER_SUBSCRIPTION_KEY',
  platformUrl: 'ALTINN_BROKER_PLATFORM_URL',
  maskinportenUrl: 'ALTINN_BROKER_MASKINPORTEN_URL',
  resource: 'ALTINN_BROKER_RESOURCE',
  identityFile: 'ALTINN_BROKER_IDENTITY_FILE',
} as const

export type SettingName = keyof typeof settingVariables
export type Settings = Partial<Record<SettingName, string>>
type Environment = Record<string, string | undefined>

const names = Object.keys(settingVariables) as SettingName[]

// https://specifications.freedesktop.org/basedir-spec: a relative path is ignored.
const folderOf = (environment: Environment, variable: string, otherwise: string) => {
  const folder = environment[variable]
  return join(folder?.startsWith('/') ? folder : join(environment.HOME ?? homedir(), otherwise), 'altinn-broker')
}

/** The file of the settings, as the XDG base directories have it. */
export const configFileOf = (environment: Environment): string =>
  join(folderOf(environment, 'XDG_CONFIG_HOME', '.config'), 'config.json')

/** The folder of the stored progress of uploads. */
export const stateFolderOf = (environment: Environment): string =>
  join(folderOf(environment, 'XDG_STATE_HOME', '.local/state'), 'sending')

/** The settings of the file and of the environment. @throws UsageError when the file is no file of settings. */
export async function readSettings(environment: Environment, file: string, isRequired: boolean): Promise<Settings> {
  const fromEnvironment = names.map((name) => [name, environment[settingVariables[name]]]).filter(([, value]) => value)
  return { ...(await readFileOf(file, isRequired)), ...Object.fromEntries(fromEnvironment) }
}

/**
 * The settings in the file; none when it is not there. @throws UsageError when it is required, or no file of settings.
 */
export async function readFileOf(file: string, isRequired: boolean): Promise<Settings> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (isRequired || cause.code !== 'ENOENT') throw new UsageError(fileFault(cause) ?? `${file} cannot be read`)
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

/** Readable by its owner alone: the settings may hold keys. */
export async function writeSettings(file: string, settings: Settings): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await using handle = await open(file, 'w', 0o600)
  // It may have been made by hand, readable by others.
  await handle.chmod(0o600)
  await handle.writeFile(`${JSON.stringify(settings, null, 2)}\n`)
}

function objectIn(text: string): Settings | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
