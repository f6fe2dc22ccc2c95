import { app } from '@azure/functions'
import { broker, serve } from '../../app.js'
import { authorOf } from '../../domain/author.js'
import { err, ok } from '../../domain/result.js'
import { contract } from '../../http/contract/contract.js'

app.http(
  'cleanUpUseCaseTests',
  serve(contract.cleanUpUseCaseTests, async ({ caller, query }) => {
    const cleaned = await broker.cleanUpUseCaseTests(query.minAgeDays, authorOf(caller))
    const { resourceId, found, jobId } = cleaned
    return ok({ json: { resourceId, fileTransfersFound: found, deleteFileTransfersJobId: jobId } })
  }),
)

app.http(
  'listDeadLetters',
  serve(contract.listDeadLetters, async () => {
    const lists = await broker.listDeadLetters()
    return ok({
      json: lists.map(({ queue, letters }) => ({
        queue,
        deadLetters: letters.map(({ messageId, enqueuedAt, reason, tries, fileTransferId = null }) => ({
          messageId,
          enqueued: enqueuedAt.toISOString(),
          reason,
          tries,
          fileTransferId,
        })),
      })),
    })
  }),
)

app.http(
  'replayDeadLetters',
  serve(contract.replayDeadLetters, async ({ caller }) => {
    const { queues, isMoreLeft } = await broker.replayDeadLetters(authorOf(caller))
    return ok({ json: { queues, moreLeft: isMoreLeft } })
  }),
)

app.http(
  'rotateMaskinportenKey',
  serve(contract.rotateMaskinportenKey, async ({ body }) => {
    if (!isRotationConfirmed(body)) {
      const message = `The body must be exactly {"confirmation":"${ROTATION}"}.`
      return ok({ status: 400, json: { message } })
    }
    return err('MaskinportenKeyIsRotatedByHand')
  }),
)

app.http(
  'approveUnscanned',
  serve(contract.approveUnscanned, async ({ caller, params, body }) => {
    const approved = await broker.approveUnscanned(caller, params.resourceId, body.approved)
    return approved.ok ? ok({}) : approved
  }),
)

const ROTATION = 'rotate-maskinporten-jwk'

/** Whether this is the one body that confirms a rotation. */
function isRotationConfirmed(body: unknown): boolean {
  if (typeof body !== 'object' || body === null || Object.keys(body).length !== 1) return false
  return 'confirmation' in body && body.confirmation === ROTATION
}
