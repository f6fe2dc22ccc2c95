const { brokerClient, ALTINN } = require('@altinn/broker-client')
const { altinnTokenFor, MASKINPORTEN } = require('@altinn/broker-client/maskinporten')
const { fileSource, jwkFromPem } = require('@altinn/broker-client/node')
const { readFileSync } = require('node:fs')

// The same from CommonJS, with a private key in PEM. Node.js loads the modules by require.

async function main() {
  const client = {
    metadataUrl: MASKINPORTEN.test,
    clientId: '0f1c0f9e-0000-4000-8000-000000000000',
    jwk: jwkFromPem(readFileSync('key.pem', 'utf8'), 'the id of the key'),
    scope: 'altinn:broker.write',
  }
  const broker = brokerClient({ baseUrl: ALTINN.test, token: altinnTokenFor(client, ALTINN.test) })
  const { fileTransferId } = await broker.send(await fileSource('accounts-2026.zip'), {
    resourceId: 'my-resource',
    sendersFileTransferReference: 'accounts-2026',
    sender: '991825827',
    recipients: ['986252932'],
  })
  console.log(fileTransferId)
}

main()
