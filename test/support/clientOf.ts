import { type BrokerClient, brokerClient, type Patience } from '../../clients/typescript/src/index.js'
import { type Journey, KARI, OLA, OWNER, RESOURCE } from './journey.js'

const SCOPES = 'altinn:broker.write altinn:broker.read altinn:serviceowner'

/** Short, so that no test waits for long. */
const RETRIES: Patience = { tries: 30, firstMs: 50, longestMs: 400 }

/** The client as this organisation, through the port of a proxy if one is given. */
export const clientOf = (
  { stack, token }: Journey,
  organization = OWNER,
  port = stack.ports?.app,
  patience: Partial<Patience> = RETRIES,
): BrokerClient =>
  brokerClient({
    baseUrl: port === undefined ? stack.urls.app : `http://127.0.0.1:${port}`,
    token: () => token(organization, SCOPES),
    patience,
  })

/** What the owner sends. */
export const sending = {
  fileName: 'søknad æøå.pdf',
  resourceId: RESOURCE,
  sendersFileTransferReference: 'my-1',
  sender: OWNER,
  recipients: [KARI, OLA],
}
