import { type BrokerClient, brokerClient, type TokenProvider } from '../clients/typescript/src/index.js'

/** Where a stack answers; no slash at the end. */
export type Addresses = { app: string; altinn: string }

const SCOPES = 'altinn:serviceowner altinn:broker.write altinn:broker.read'

/** Tokens of an organisation, from the simulator. */
export const organizationToken = ({ altinn }: Addresses, organization: string): TokenProvider => {
  const query = new URLSearchParams({ org: organization, scope: SCOPES })
  return async () => (await fetch(`${altinn}/token?${query}`)).text()
}

/** Broker, as this organisation calls it. */
export const organizationClient = (addresses: Addresses, organization: string): BrokerClient =>
  brokerClient({ baseUrl: addresses.app, token: organizationToken(addresses, organization) })
