import { requestToken } from '../../../typescript/src/calls/tokens.js'
import {
  BrokenConnection,
  type BrokerClient,
  brokerClient,
  cachedToken,
  claimsOf,
  staticToken,
} from '../../../typescript/src/index.js'

export type Organisation = { number: string; name: string; isServiceOwner: boolean }

/** The local stack's description of itself, `local.json`. */
export type LocalWorld = {
  brokerUrl: string
  /** Issues tokens for any organisation: `?org=…&scope=…`. */
  tokenUrl: string
  organisations: Organisation[]
  resources: { id: string; title: string }[]
}

/** The address of a deployed Broker, and a token for it. */
export type Connection = {
  brokerUrl: string
  /** Nine digits. */
  organization: string
  token: string
  subscriptionKey?: string
}

/** The acting organisation, and its client of Broker. */
export type Session = {
  /** The same for the same organisation at the same Broker, by the same token. */
  id: string
  broker: BrokerClient
  brokerUrl: string
  organization: string
  /** The organisations to choose from; none at a deployed Broker. */
  organisations: Organisation[]
  resources: LocalWorld['resources']
  nameOf(organization: string): string | undefined
  /** The token has the scope of service owners. */
  isServiceOwner: boolean
}

const SCOPES = 'altinn:broker.write altinn:broker.read'
const SERVICE_OWNER = 'altinn:serviceowner'
const CONNECTION = 'console-connection'
const ACTING = 'console-acting'
// A user is waiting: report a broken connection soon.
const RETRIES = { tries: 5 }

/** Undefined when the page is not served by the local stack. @throws when the stack is not ready. */
export async function localWorld(): Promise<LocalWorld | undefined> {
  const response = await fetch('./local.json')
  if (response.status === 503) throw new BrokenConnection(await response.text())
  const isJson = response.headers.get('content-type')?.startsWith('application/json')
  return response.ok && isJson ? ((await response.json()) as LocalWorld) : undefined
}

/** The acting organisation of this tab; by default the first of the local stack. */
export function actingIn({ organisations }: LocalWorld): string {
  const chosen = sessionStorage.getItem(ACTING)
  return organisations.find(({ number }) => number === chosen)?.number ?? organisations[0]?.number ?? ''
}

export const actAs = (organization: string) => sessionStorage.setItem(ACTING, organization)

export function localSession(world: LocalWorld, organization: string): Session {
  const { brokerUrl, tokenUrl, organisations, resources } = world
  const isServiceOwner = organisations.some((each) => each.number === organization && each.isServiceOwner)
  const scope = isServiceOwner ? `${SCOPES} ${SERVICE_OWNER}` : SCOPES
  const query = new URLSearchParams({ org: organization, scope })
  const token = cachedToken(async () => (await requestToken('The local stack', fetch, `${tokenUrl}?${query}`)).text())
  return {
    brokerUrl,
    organization,
    organisations,
    resources,
    isServiceOwner,
    id: `${brokerUrl} ${organization}`,
    broker: brokerClient({ baseUrl: brokerUrl, token, patience: RETRIES }),
    nameOf: (number) => organisations.find((each) => each.number === number)?.name,
  }
}

export function connectedSession({ brokerUrl, organization, token, subscriptionKey }: Connection): Session {
  const key = subscriptionKey ? { subscriptionKey } : {}
  return {
    id: `${brokerUrl} ${organization} ${token}`,
    brokerUrl,
    organization,
    organisations: [],
    resources: [],
    nameOf: () => undefined,
    isServiceOwner: String(claimsOf(token).scope).split(' ').includes(SERVICE_OWNER),
    broker: brokerClient({ baseUrl: brokerUrl, token: staticToken(token), patience: RETRIES, ...key }),
  }
}

/** The connection of this tab. The token is stored nowhere else. */
export function storedConnection(): Connection | undefined {
  const text = sessionStorage.getItem(CONNECTION)
  return text === null ? undefined : (JSON.parse(text) as Connection)
}

export function storeConnection(connection: Connection | undefined): void {
  if (connection) sessionStorage.setItem(CONNECTION, JSON.stringify(connection))
  else sessionStorage.removeItem(CONNECTION)
}
