import { app } from '@azure/functions'
import { broker, serveTus } from '../../app.js'
import { err } from '../../domain/result.js'
import { contract } from '../../http/contract/contract.js'
import { handleTus } from '../../http/tus/handleTus.js'

app.http('tusUpload', serveTus(contract.tusUpload, handleTus(broker, 'whole')))
app.http('tusPart', serveTus(contract.tusPart, handleTus(broker, 'part')))
app.http('tusPartLegacy', serveTus(contract.tusPartLegacy, handleTus(broker, 'part')))
app.http(
  'tusUploads',
  serveTus(contract.tusUploads, async () => err('FileTransferNotFound')),
)
