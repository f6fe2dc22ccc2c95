import { app } from '@azure/functions'
import { broker, serveTus } from '../../app.js'
import { err } from '../../domain/result.js'
import { tusContract } from '../../http/contract/tusContract.js'
import { handleTus } from '../../http/tus/handleTus.js'

app.http('tusUpload', serveTus(tusContract.tusUpload, handleTus(broker, 'whole')))
app.http('tusPart', serveTus(tusContract.tusPart, handleTus(broker, 'part')))
app.http('tusPartLegacy', serveTus(tusContract.tusPartLegacy, handleTus(broker, 'part')))
app.http(
  'tusUploads',
  serveTus(tusContract.tusUploads, async () => err('FileTransferNotFound')),
)
