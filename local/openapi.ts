import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { publicDocument } from '../src/http/openApi.js'
import { projectRoot } from './paths.js'

/** `npm run openapi`: writes the document as files, for those who read it without a broker that runs, and for generators that read 3.0 alone. */
const write = (name: string, document: object) =>
  writeFile(join(projectRoot, name), `${JSON.stringify(document, null, 2)}\n`)

await write('openapi.json', publicDocument())
await write('openapi-3.0.json', publicDocument('3.0.3'))
