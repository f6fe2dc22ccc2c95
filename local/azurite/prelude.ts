import { createRequire } from 'node:module'
import { findByKeys, queryInOrder, withoutIndices } from './queries.js'

// Runs in Azurite's process, before Azurite.

// It would live on without its supervisor, and its channel to the supervisor would keep it from ending.
process.once('disconnect', () => process.exit()).once('SIGTERM', () => process.channel?.unref())

const azurite = createRequire(createRequire(import.meta.url).resolve('azurite/package.json'))
const loki = azurite('lokijs')
withoutIndices(loki.prototype)
findByKeys(loki.Collection.prototype)
queryInOrder(azurite('./dist/src/table/persistence/LokiTableMetadataStore.js').default.prototype)

type Listeners = { enableAccessLog: boolean; createRequestListener(this: Listeners): unknown }

// Its access log takes a fifth of its time; that of tables is read by nobody.
const { default: TableListeners }: { default: { prototype: Listeners } } = azurite(
  './dist/src/table/TableRequestListenerFactory.js',
)
const createRequestListener = TableListeners.prototype.createRequestListener
TableListeners.prototype.createRequestListener = function () {
  this.enableAccessLog = false
  return createRequestListener.call(this)
}
