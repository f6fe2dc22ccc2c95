import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { contract } from '../contract/contract.js'
import { generated, type Reply } from '../serving/reply.js'

const require = createRequire(import.meta.url)
const CACHED = { 'cache-control': 'public, max-age=86400' }

const START = `
SwaggerUIBundle({
  url: '/${contract.getOpenApi.path}',
  dom_id: '#docs',
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: false,
  validatorUrl: null,
})
`

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Altinn Broker</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/${contract.getDocsStyle.path}">
  </head>
  <body>
    <div id="docs"></div>
    <script src="/${contract.getDocsScript.path}"></script>
    <script>${START}</script>
  </body>
</html>
`

// Nothing comes from elsewhere, and of scripts in the page only this one runs.
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `script-src 'self' 'sha256-${createHash('sha256').update(START).digest('base64')}'`,
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The page that shows the OpenAPI document, by Swagger UI. */
export const docsPage: Reply = {
  text: PAGE,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'cache-control': 'no-cache',
  },
}

/** The script of the page, from swagger-ui-dist. */
export const docsScript = () => fileOf(require.resolve('swagger-ui-dist/swagger-ui-bundle.js'), 'text/javascript')

/** The style sheet of the page, from swagger-ui-dist. */
export const docsStyle = () => fileOf(require.resolve('swagger-ui-dist/swagger-ui.css'), 'text/css')

async function fileOf(path: string, mediaType: string): Promise<Reply> {
  const { size } = await stat(path)
  const headers = { ...CACHED, 'content-type': `${mediaType}; charset=utf-8`, 'content-length': String(size) }
  return { headers, bytes: generated(chunksIn(path)) }
}

async function* chunksIn(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path)
}
