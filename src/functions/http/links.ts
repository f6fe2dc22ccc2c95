import { app } from '@azure/functions'
import { broker, serve } from '../../app.js'
import { ok } from '../../domain/result.js'
import { contract } from '../../http/contract/contract.js'
import { timestamp } from '../../http/views/views.js'

app.http(
  'createUploadLink',
  serve(contract.createUploadLink, async ({ caller, params: { fileTransferId } }) => {
    const given = await broker.createUploadLink(caller, fileTransferId)
    if (!given.ok) return given
    const { url, headers, until } = given.value
    return ok({ json: { fileTransferId, url, expires: timestamp(until), headers } })
  }),
)

app.http(
  'completeLinkedUpload',
  serve(contract.completeLinkedUpload, async ({ caller, params }) => {
    const completed = await broker.completeLinkedUpload(caller, params.fileTransferId)
    return completed.ok ? ok({ json: { fileTransferId: completed.value } }) : completed
  }),
)

app.http(
  'createDownloadLink',
  serve(contract.createDownloadLink, async ({ caller, params: { fileTransferId } }) => {
    const given = await broker.createDownloadLink(caller, fileTransferId)
    if (!given.ok) return given
    const { url, until } = given.value
    return ok({ json: { fileTransferId, url, expires: timestamp(until) } })
  }),
)
