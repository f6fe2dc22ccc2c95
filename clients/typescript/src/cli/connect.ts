import { brokerUrl, webAddress } from '../calls/addresses.js'
import type { ClientOptions } from '../calls/http.js'
import { BrokerProblem } from '../calls/problem.js'
import { defaultRetryPolicy, withRetry } from '../calls/retry.js'
import { ALTINN, cachedToken, organizationIn, requestToken, staticToken, type TokenProvider } from '../calls/tokens.js'
import { type BrokerClient, brokerClient } from '../client.js'
import { altinnTokenFor, MASKINPORTEN } from '../maskinporten.js'
import { organizationNumber, partyOf } from '../wire/organization.js'
import { keyIn } from './connection/keyFile.js'
import { tokensSayingOutages } from './connection/outages.js'
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

/** How a command calls Broker. */
export type Calling = Pick<ClientOptions, 'patience' | 'fetch'> & {
  /** Says what becomes of calls that are retried. */
  say?: (line: string) => void
}

/** Connects to the local stack as any organisation. */
export function connectLocally(
  environment: Record<string, string | undefined>,
  organization: string,
  calling: Calling = { patience: { tries: 6 } },
): Connection {
  const { BROKER_URL, ALTINN_URL, APP_PORT = '7071', ALTINN_PORT = '7072' } = environment
  const altinn = addressIn(ALTINN_URL || `http://127.0.0.1:${ALTINN_PORT}`, brokerUrl)
  const query = new URLSearchParams({ org: organization, scope: `${DEFAULT_SCOPE} altinn:serviceowner` })
  const token = cachedToken(async () =>
    (await requestToken('The local stack (npm start)', fetch, `${altinn}/token?${query}`)).text(),
  )
  const baseUrl = addressIn(BROKER_URL || `http://127.0.0.1:${APP_PORT}`, brokerUrl)
  const broker = brokerClient({ ...calling, baseUrl, token })
  return { broker, token, organization }
}

/** Connects to the Broker of the settings, as patiently as it calls. @throws UsageError when a setting is missing. */
export async function connect(settings: Settings, calling: Calling = {}, signal?: AbortSignal): Promise<Connection> {
  const address = addressOf(settings)
  const token = await tokenFor(settings)
  const { say, patience = { tries: 1 } } = calling
  const retried = say ? tokensSayingOutages(token, say) : token
  const first = await withRetry(async () => retried(), { ...defaultRetryPolicy, ...patience }, signal)
  const organization = organizationIn(first)
  const broker = brokerClient({ ...calling, ...address, token: retried })
  return { broker, token, organization }
}

/** A client of the same Broker that asks for no token before a call needs one. @throws UsageError */
export const publicBroker = (settings: Settings, calling: Calling = {}): BrokerClient =>
  brokerClient({ ...calling, ...addressOf(settings), token: async (options) => (await tokenFor(settings))(options) })

/** Where Broker is, and the key of its gateway. @throws UsageError */
function addressOf(settings: Settings): Pick<ClientOptions, 'baseUrl' | 'subscriptionKey'> {
  const environment = environmentIn(settings)
  const url = settings.url ?? (environment && ALTINN[environment])
  if (!url) throw new UsageError('Where is Broker? Give --url or --local, or run altinn-broker login')
  const baseUrl = addressIn(url, brokerUrl)
  const subscriptionKey = settings.subscriptionKey?.trim()
  if (!subscriptionKey) return { baseUrl }
  if (!/^[!-~]+$/.test(subscriptionKey)) throw new UsageError('The subscription key is not a key')
  return { baseUrl, subscriptionKey }
}

const environmentIn = ({ environment }: Settings) => {
  if (environment === undefined || environment === 'production' || environment === 'test') return environment
  throw new UsageError(`The environment is production or test, not ${environment}`)
}

/** @throws UsageError */
function addressIn<Address>(text: string, parse: (text: string) => Address): Address {
  try {
    return parse(text)
  } catch (error) {
    throw new UsageError((error as TypeError).message)
  }
}

/** Of the issuer, or of its metadata. */
const metadataUrl = (text: string) => {
  const { href } = webAddress(text)
  return href.includes('/.well-known/') ? href : `${href.replace(/\/+$/, '')}/.well-known/oauth-authorization-server`
}

/** The token of the setting, also with `Bearer` before it. @throws UsageError */
function tokenIn(text: string): string {
  const token = text.trim().replace(/^(authorization:\s*)?bearer\s+/i, '')
  if (!/^[\w.~+/-]+=*$/.test(token)) throw new UsageError('ALTINN_BROKER_TOKEN is not a token')
  return token
}

async function tokenFor(settings: Settings): Promise<TokenProvider> {
  const { token, clientId, keyFile, kid, scope = DEFAULT_SCOPE, systemUser } = settings
  if (token) return staticToken(tokenIn(token))
  if (!clientId || !keyFile) throw new UsageError('Who are you? Run altinn-broker login, or set ALTINN_BROKER_TOKEN')
  const environment = environmentIn(settings) ?? 'test'
  const client = {
    clientId,
    scope,
    jwk: await keyIn(keyFile, kid),
    metadataUrl: addressIn(settings.maskinportenUrl ?? MASKINPORTEN[environment], metadataUrl),
    systemUser: systemUser === undefined ? undefined : { organization: organizationNumber(partyOf(systemUser)) },
  }
  return altinnTokenFor(client, addressIn(settings.platformUrl ?? ALTINN[environment], brokerUrl))
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
