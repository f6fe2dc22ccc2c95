import { JSON_BODY, type Operation } from './operation.js'
import { webhookConfirmation } from './responses/operatorResponses.js'
import { openApiDocument } from './responses/responses.js'

/** What other services call, and what is open to all. */
export const serviceRows = {
  receiveScanResults: {
    summary: 'Takes the results of malware scans from Event Grid',
    description:
      'Takes one Event Grid event or several, and answers the validation of a new subscription. The results are worked off by a queue.',
    isInternal: true,
    guard: 'Whoever knows the secret of the webhook, where one is set.',
    method: 'POST',
    path: 'broker/api/v1/webhooks/malwarescanresults',
    scopes: [],
    body: 'json',
    // https://learn.microsoft.com/azure/event-grid/event-schema: events come in arrays of up to 1 MB
    maxJsonBytes: 2 ** 20,
    consumes: JSON_BODY,
    success: { status: 200, json: webhookConfirmation },
    problems: [],
  },
  getHealth: {
    summary: 'Tells whether Broker and what it depends on are up',
    description: 'Checks tables, blobs and Service Bus. The result may be some seconds old.',
    method: 'GET',
    path: 'health',
    scopes: [],
    success: {
      status: 200,
      content: 'text/plain',
      headers: ['X-Broker-Version'],
      also: { 503: { description: 'Something that Broker depends on is down.', headers: ['X-Broker-Version'] } },
    },
    problems: [],
  },
  getOpenApi: {
    summary: 'This document',
    description: 'OpenAPI 3.1. For generators that want 3.0, `openapi-3.0.json` lies in the repository.',
    method: 'GET',
    path: 'broker/api/v1/openapi.json',
    scopes: [],
    success: { status: 200, json: openApiDocument },
    problems: [],
  },
  getDocs: {
    summary: 'A page to read this document and to try the operations',
    description: 'Swagger UI over the document.',
    method: 'GET',
    path: 'broker/api/v1/docs',
    scopes: [],
    success: { status: 200, content: 'text/html' },
    problems: [],
  },
  getDocsScript: {
    summary: 'The script of that page',
    description: 'Swagger UI, unchanged.',
    isInternal: true,
    method: 'GET',
    path: 'broker/api/v1/docs/swagger-ui-bundle.js',
    scopes: [],
    success: { status: 200, content: 'text/javascript' },
    problems: [],
  },
  getDocsStyle: {
    summary: 'The style of that page',
    description: 'Swagger UI, unchanged.',
    isInternal: true,
    method: 'GET',
    path: 'broker/api/v1/docs/swagger-ui.css',
    scopes: [],
    success: { status: 200, content: 'text/css' },
    problems: [],
  },
} as const satisfies Record<string, Operation>
