import { createRequire } from 'node:module'
import { findByKeys, queryInOrder, saveWhenClosed, withoutIndices } from './queries.js'

// Runs in Azurite's process, before Azurite.

// Azurite would live on without its supervisor, and its channel to the supervisor would keep it from ending.
process.once('disconnect', () => process.exit()).once('SIGTERM', () => process.channel?.unref())

// The only patches of Azurite: docs/upstream/azurite-tables-slow-down-as-they-fill.md.
const azurite = createRequire(createRequire(import.meta.url).resolve('azurite/package.json'))
const loki = azurite('lokijs')
withoutIndices(loki.prototype)
findByKeys(loki.Collection.prototype)
if (process.env.LOCAL_SAVES === 'at-stop') saveWhenClosed(loki.prototype)
queryInOrder(azurite('./dist/src/table/persistence/LokiTableMetadataStore.js').default.prototype)
