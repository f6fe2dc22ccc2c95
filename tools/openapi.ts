import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectRoot } from '../local/paths.js'
import { publicDocument } from '../src/http/openapi/openApi.js'

/** `npm run openapi`: writes the document as files, in 3.1 and, for generators that read no other, in 3.0. */
const write = (name: string, document: object) =>
  writeFile(join(projectRoot, name), `${JSON.stringify(document, null, 2)}\n`)

await write('openapi.json', publicDocument())
await write('openapi-3.0.json', publicDocument('3.0.3'))
