import { encryptionRows } from './encryptionRows.js'
import { groupRows } from './groupRows.js'
import { inboxRows } from './inboxRows.js'
import { maintenanceRows } from './maintenanceRows.js'
import { methodsOf, type Operation, type Row } from './operation.js'
import { ownerRows } from './ownerRows.js'
import { receiptRows } from './receiptRows.js'
import { receivingRows } from './receivingRows.js'
import { resourceRows } from './resourceRows.js'
import { cancellingRows, sendingRows } from './sendingRows.js'
import { serviceRows } from './serviceRows.js'
import { tusRows } from './tusRows.js'

/** The operations that answer JSON or a file, in the order of the public document. */
export const operations = {
  ...sendingRows,
  ...receivingRows,
  ...groupRows,
  ...encryptionRows,
  ...inboxRows,
  ...receiptRows,
  ...cancellingRows,
  ...resourceRows,
  ...ownerRows,
  ...maintenanceRows,
  ...serviceRows,
} as const satisfies Record<string, Operation>

/** THE route table: every row is a function by its name. */
export const contract = { ...operations, ...tusRows } as const satisfies Record<string, Row>

/** Each method of each path. */
export const routes = Object.values<Row>(contract).flatMap((row) =>
  methodsOf(row).map((method) => ({ path: row.path, method })),
)
