import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openApi } from '../src/http/openApi.js'
import { projectRoot } from './root.js'

/** `npm run openapi`: writes openapi.json, for those who read it without a broker that runs. */
const document = openApi('/')
await writeFile(join(projectRoot, 'openapi.json'), `${JSON.stringify(document, null, 2)}\n`)
