import { readFile } from 'node:fs/promises'
import { BrokerProblem } from '../calls/problem.js'
import { ALTINN, cachedToken, organizationIn, requestToken, staticToken, type TokenProvider } from '../calls/tokens.js'
import { type BrokerClient, brokerClient } from '../client.js'
import { altinnTokenFor, MASKINPORTEN } from '../maskinporten.js'
import { UsageError } from './errors.js'
import type { Settings } from './settings.js'

/** A client of Broker, and its caller. */
export type Connection = {
  broker: BrokerClient
  token: TokenProvider
  /** The organisation of the token, nine digits; undefined when the token names none. */
  organization: string | undefined
}

/** The defaults for the local stack. */
export const LOCAL = {
  sender: '991825827',
  recipient: '986252932',
  resource: 'altinn-broker-test-resource-1',
}

const DEFAULT_SCOPE = 'altinn:broker.write altinn:broker.read'

/** Connects to the local stack as any organisation. */
export function connectLocally(environment: Record<string, string | undefined>, organization: string): Connection {
  const { BROKER_URL, ALTINN_URL, APP_PORT = '7071', ALTINN_PORT = '7072' } = environment
  const altinn = ALTINN_URL || `http://127.0.0.1:${ALTINN_PORT}`
  const query = new URLSearchParams({ org: organization, scope: `${DEFAULT_SCOPE} altinn:serviceowner` })
  const token = cachedToken(async () =>
    (await requestToken('The local stack (npm start)', fetch, `${altinn}/token?${query}`)).text(),
  )
  const patience = { tries: 6 }
  const broker = brokerClient({ baseUrl: BROKER_URL || `http://127.0.0.1:${APP_PORT}`, token, patience })
  return { broker, token, organization }
}

/** Connects to the Broker of the settings. @throws UsageError when a setting is missing. */
export async function connect(settings: Settings): Promise<Connection> {
  const environment = environmentIn(settings)
  const baseUrl = settings.url ?? (environment && ALTINN[environment])
  if (!baseUrl) throw new UsageError('Where is Broker? Give --url or --local, or run altinn-broker login')
  const { subscriptionKey } = settings
  const token = await tokenFor(settings)
  const broker = brokerClient({ baseUrl, token, ...(subscriptionKey && { subscriptionKey }) })
  return { broker, token, organization: organizationIn(await token()) }
}

const environmentIn = ({ environment }: Settings) => {
  if (environment === undefined || environment === 'production' || environment === 'test') return environment
  throw new UsageError(`The environment is production or test, not ${environment}`)
}

async function tokenFor(settings: Settings): Promise<TokenProvider> {
  const { token, clientId, keyFile, scope = DEFAULT_SCOPE, systemUser } = settings
  if (token) return staticToken(token)
  if (!clientId || !keyFile) throw new UsageError('Who are you? Run altinn-broker login, or set ALTINN_BROKER_TOKEN')
  const environment = environmentIn(settings) ?? 'test'
  const client = {
    clientId,
    scope,
    jwk: await keyIn(keyFile),
    metadataUrl: settings.maskinportenUrl ?? MASKINPORTEN[environment],
    systemUser: systemUser === undefined ? undefined : { organization: systemUser },
  }
  return altinnTokenFor(client, settings.platformUrl ?? ALTINN[environment])
}

/** A private JWK, as JSON or as its base64. */
async function keyIn(file: string) {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UsageError(`${file} cannot be read`, { cause })
  })
  try {
    return JSON.parse(text.trim().startsWith('{') ? text : Buffer.from(text, 'base64').toString())
  } catch {
    throw new UsageError(`${file} is not a private key as a JWK`)
  }
}

/** Configures the resource of the local stack, unless it is configured. */
export const setUpLocally = (environment: Record<string, string | undefined>, resourceId: string) =>
  setUpResource(connectLocally(environment, LOCAL.sender).broker, resourceId, 'Digitaliseringsdirektoratet')

/** Registers the service owner, who is the caller, and configures the resource, unless it is configured. */
export async function setUpResource(owner: BrokerClient, resourceId: string, ownerName: string): Promise<void> {
  const isRefused = (error: unknown) => {
    if (!(error instanceof BrokerProblem)) throw error
    return true
  }
  const isMissing = await owner.getResource(resourceId).then(() => false, isRefused)
  if (!isMissing) return
  await owner.registerServiceOwner(ownerName).catch(isRefused)
  await owner.configureResource(resourceId, {})
}
