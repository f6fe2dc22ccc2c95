import { app } from '@azure/functions'
import { broker, serve } from '../../app.js'
import { err, ok } from '../../domain/result.js'
import { contract } from '../../http/contract/contract.js'
import { attachment } from '../../http/serving/attachment.js'
import { nextLink } from '../../http/serving/nextLink.js'
import { reprDigest } from '../../http/serving/reprDigest.js'
import { didNotWait, statusWaitOf } from '../../http/serving/waiting.js'
import { fileTransferList } from '../../http/views/lists.js'
import { details, eventLog, organizationNames, overview, timestamp } from '../../http/views/views.js'

app.http(
  'initializeFileTransfer',
  serve(contract.initializeFileTransfer, async ({ caller, body, headers }) => {
    const initialized = await broker.initializeFileTransfer(caller, body, headers['Idempotency-Key'])
    return initialized.ok ? ok({ json: { fileTransferId: initialized.value } }) : initialized
  }),
)

app.http(
  'uploadFile',
  serve(contract.uploadFile, async ({ caller, params, file }) => {
    const uploaded = await broker.uploadFile(caller, params.fileTransferId, file)
    return uploaded.ok ? ok({ json: { fileTransferId: uploaded.value } }) : uploaded
  }),
)

app.http(
  'initializeAndUpload',
  serve(contract.initializeAndUpload, async ({ caller, body, file, headers }) => {
    const uploaded = await broker.initializeAndUpload(caller, body, file, headers['Idempotency-Key'])
    return uploaded.ok ? ok({ json: { fileTransferId: uploaded.value } }) : uploaded
  }),
)

app.http(
  'searchFileTransfers',
  serve(contract.searchFileTransfers, async ({ caller, query, url }) => {
    const { continuation, ...request } = query
    const found = await broker.searchFileTransfers(caller, request, continuation)
    if (!found.ok) return found
    const { ids, next } = found.value
    return ok({ json: ids, ...(next && { headers: { link: nextLink(url, next) } }) })
  }),
)

app.http(
  'listFileTransfers',
  serve(contract.listFileTransfers, async ({ caller, query, url }) => {
    const { continuation, limit, ...request } = query
    const found = await broker.listFileTransfers(caller, request, { after: continuation, limit })
    if (!found.ok) return found
    const { organization, transfers, next } = found.value
    const json = fileTransferList(transfers, { organization, role: request.role })
    return ok({ json, ...(next && { headers: { link: nextLink(url, next) } }) })
  }),
)

app.http(
  'getOrganizationNames',
  serve(contract.getOrganizationNames, async ({ body }) =>
    ok({ json: organizationNames(await broker.getOrganizationNames(body.organizations)) }),
  ),
)

app.http(
  'cancelFileTransfer',
  serve(contract.cancelFileTransfer, async ({ caller, params, body }) => {
    const cancelled = await broker.cancelFileTransfer(caller, params.fileTransferId, body.reason)
    return cancelled.ok ? ok({}) : cancelled
  }),
)

app.http(
  'changeExpiry',
  serve(contract.changeExpiry, async ({ caller, params, body }) => {
    const changed = await broker.changeExpiry(caller, params.fileTransferId, body.expirationTime)
    if (changed.ok) return ok({ json: overview(changed.value) })
    const { reason } = changed
    if (typeof reason === 'string') return err(reason)
    const latestExpirationTime = timestamp(reason.latest)
    const detail = `expirationTime is later than the resource allows, which is ${latestExpirationTime}.`
    return err({ problem: reason.problem, members: { detail, latestExpirationTime } })
  }),
)

app.http(
  'getFileTransfer',
  serve(contract.getFileTransfer, async ({ caller, params, query, ending }) => {
    const wait = statusWaitOf(query, ending)
    if (!wait) {
      const found = await broker.getFileTransfer(caller, params.fileTransferId)
      return found.ok ? ok({ json: overview(found.value) }) : found
    }
    const found = await broker.awaitFileTransfer(caller, params.fileTransferId, wait)
    return found.ok ? ok({ json: overview(found.value.transfer), headers: didNotWait(found.value) }) : found
  }),
)

app.http(
  'getFileTransferDetails',
  serve(contract.getFileTransferDetails, async ({ caller, params, query, ending }) => {
    const wait = statusWaitOf(query, ending)
    const waited = wait && (await broker.awaitFileTransfer(caller, params.fileTransferId, wait))
    if (waited && !waited.ok) return waited
    const found = await broker.getFileTransferDetails(caller, params.fileTransferId)
    if (!found.ok) return found
    return ok({
      json: details(found.value.transfer, found.value.facts),
      ...(waited && { headers: didNotWait(waited.value) }),
    })
  }),
)

app.http(
  'getFileTransferEvents',
  serve(contract.getFileTransferEvents, async ({ caller, params }) => {
    const found = await broker.getFileTransferEvents(caller, params.fileTransferId)
    return found.ok ? ok({ json: eventLog(params.fileTransferId, found.value) }) : found
  }),
)

app.http(
  'downloadFile',
  serve(contract.downloadFile, async ({ caller, params, range: rangeHeader, headers: conditions }) => {
    const opened = await broker.downloadFile(caller, params.fileTransferId, rangeHeader, conditions['If-Range'])
    if (!opened.ok) {
      const { reason } = opened
      if (typeof reason === 'string') return err(reason)
      const { problem, sizeBytes, entityTag } = reason
      return err({ problem, headers: { 'content-range': `bytes */${sizeBytes}`, etag: entityTag } })
    }
    const { fileName, sizeBytes, sha256, entityTag, range, source } = opened.value
    const headers = {
      'content-type': 'application/octet-stream',
      'content-length': String(range ? range.last - range.first + 1 : sizeBytes),
      'content-disposition': attachment(fileName),
      'accept-ranges': 'bytes',
      etag: entityTag,
      ...(sha256 !== undefined && { 'repr-digest': reprDigest(sha256) }),
    }
    if (!range) return ok({ headers, bytes: source })
    const contentRange = `bytes ${range.first}-${range.last}/${sizeBytes}`
    return ok({ status: 206, headers: { ...headers, 'content-range': contentRange }, bytes: source })
  }),
)

app.http(
  'confirmDownload',
  serve(contract.confirmDownload, async ({ caller, params }) => {
    const confirmed = await broker.confirmDownload(caller, params.fileTransferId)
    return confirmed.ok ? ok({}) : confirmed
  }),
)
