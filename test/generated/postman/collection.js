// `node collection.js openapi.json collection.json`: Postman's converter makes a collection of the contract. What it
// would invent (values, bodies, tokens) it is told before: it takes the examples of the document.
import { readFile, writeFile } from 'node:fs/promises'
import converter from 'openapi-to-postmanv2'

const [from = '', to = ''] = process.argv.slice(2)
const document = JSON.parse(await readFile(from, 'utf8'))

const EXAMPLES = {
  fileTransferId: '{{fileTransferId}}',
  partId: '{{partId}}',
  resourceId: '{{resource}}',
  role: 'Sender',
  year: '2026',
  month: '11',
  'Idempotency-Key': '{{$guid}}',
  'Tus-Resumable': '1.0.0',
  'Upload-Length': '13',
  'Upload-Offset': '0',
}
const FORM = {
  'Metadata.FileName': 'hello.txt',
  'Metadata.ResourceId': '{{resource}}',
  'Metadata.SendersFileTransferReference': 'my-1',
  'Metadata.Sender': '0192:{{sender}}',
  'Metadata.Recipients': '0192:{{recipient}}',
}
const VARIABLES = {
  baseUrl: 'http://127.0.0.1:7071',
  altinnUrl: 'http://127.0.0.1:7072',
  resource: 'altinn-broker-test-resource-1',
  sender: '991825827',
  recipient: '986252932',
  senderToken: '',
  recipientToken: '',
  ownerToken: '',
  fileTransferId: '',
  partId: '',
}
const TOKENS = [
  ['altinn:broker.write', 'senderToken'],
  ['altinn:broker.read', 'recipientToken'],
  ['altinn:serviceowner', 'ownerToken'],
]
/** On the local stack the tokens come by themselves. Elsewhere, fill in the three variables. */
const GET_TOKENS = `
const asked = {
  senderToken: ['sender', 'altinn:broker.write'],
  recipientToken: ['recipient', 'altinn:broker.read'],
  ownerToken: ['sender', 'altinn:serviceowner'],
}
const altinn = pm.variables.get('altinnUrl')
for (const [name, [org, scope]] of Object.entries(asked)) {
  if (pm.variables.get(name) || !altinn.includes('127.0.0.1')) continue
  const url = altinn + '/token?org=' + pm.variables.get(org) + '&scope=' + scope
  pm.sendRequest(url, (error, response) => error || pm.collectionVariables.set(name, response.text()))
}`
const AFTER = {
  initializeFileTransfer: "pm.collectionVariables.set('fileTransferId', pm.response.json().fileTransferId)",
  getFileTransfer: `if (pm.response.json().fileTransferStatus === 'UploadProcessing') {
  pm.execution.setNextRequest(pm.info.requestName)
  setTimeout(() => {}, 500)
}`,
}
const GOOD = "pm.test('is answered', () => pm.expect(pm.response.code).to.be.below(300))"

const schemaIn = ({ schema }) =>
  schema?.$ref
    ? schema.$ref
        .slice(2)
        .split('/')
        .reduce((value, key) => value[key], document)
    : schema
const operations = new Map()
for (const path of Object.values(document.paths)) {
  const shared = path.parameters ?? []
  for (const operation of Object.values(path).filter(({ operationId }) => operationId)) {
    operations.set(operation.operationId, { ...operation, parameters: [...shared, ...(operation.parameters ?? [])] })
    operation.description = `${operation.summary}.\n\n${operation.description}`
    operation.summary = operation.operationId
    operation.responses = {}
    for (const parameter of operation.parameters ?? []) parameter.example = EXAMPLES[parameter.name] ?? ''
    for (const [media, body] of Object.entries(operation.requestBody?.content ?? {})) {
      const [example] = schemaIn(body)?.examples ?? []
      if (media.endsWith('octet-stream')) body.example = 'Hello, Altinn'
      else if (example) body.example = example
    }
  }
}

function complete(item) {
  if (item.item) return { name: item.name, description: item.description, item: item.item.map(complete) }
  const { name, request } = item
  const { parameters, security = [] } = operations.get(name)
  const scopes = security.flatMap(({ bearer = [] }) => bearer)
  const token = TOKENS.find(([scope]) => scopes.includes(scope))?.[1]
  const isOptional = ({ key }) => parameters.some((each) => each.name === key && !each.required)
  for (const each of [...request.url.query, ...(request.header ?? [])]) {
    if (isOptional(each) && each.key !== 'year' && each.key !== 'month') each.disabled = true
  }
  for (const each of request.url.variable) each.value = EXAMPLES[each.key]
  request.auth = token
    ? { type: 'bearer', bearer: [{ key: 'token', value: `{{${token}}}`, type: 'string' }] }
    : { type: 'noauth' }
  for (const field of request.body?.formdata ?? []) {
    if (field.type === 'text') Object.assign(field, { value: FORM[field.key] ?? '', disabled: !FORM[field.key] })
  }
  const exec = [GOOD, ...(AFTER[name] ?? '').split('\n')].filter(Boolean)
  return { name, request, event: [{ listen: 'test', script: { type: 'text/javascript', exec } }] }
}

const options = { parametersResolution: 'Example', folderStrategy: 'Tags', includeAuthInfoInExample: false }
converter.convertV2({ type: 'json', data: document }, options, async (error, converted) => {
  if (error ?? !converted.result) throw error ?? new Error(converted.reason)
  const { item, info } = converted.output[0].data
  const collection = {
    info: { name: info.name, description: info.description, schema: info.schema },
    item: item.map(complete),
    event: [{ listen: 'prerequest', script: { type: 'text/javascript', exec: GET_TOKENS.trim().split('\n') } }],
    variable: Object.entries(VARIABLES).map(([key, value]) => ({ key, value })),
  }
  await writeFile(to, `${JSON.stringify(collection, null, 2)}\n`)
})
