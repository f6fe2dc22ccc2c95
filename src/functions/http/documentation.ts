import { app } from '@azure/functions'
import { serve } from '../../app.js'
import { ok } from '../../domain/result.js'
import { contract } from '../../http/contract/contract.js'
import { docsPage, docsScript, docsStyle } from '../../http/openapi/docsPage.js'
import { openApi } from '../../http/openapi/openApi.js'

app.http(
  'getOpenApi',
  serve(contract.getOpenApi, async ({ url }) => ok({ json: openApi(url.origin) })),
)

app.http(
  'getDocs',
  serve(contract.getDocs, async () => ok(docsPage)),
)

app.http(
  'getDocsScript',
  serve(contract.getDocsScript, async () => ok(await docsScript())),
)

app.http(
  'getDocsStyle',
  serve(contract.getDocsStyle, async () => ok(await docsStyle())),
)
