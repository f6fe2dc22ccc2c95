import { app } from '@azure/functions'
import { broker, serve } from '../../app.js'
import { ok } from '../../domain/result.js'
import { contract } from '../../http/contract/contract.js'
import {
  activityView,
  ownedResourceView,
  ownerDeadLettersView,
  ownerStatisticsView,
} from '../../http/views/ownerViews.js'

app.http(
  'getOwnerActivity',
  serve(contract.getOwnerActivity, async ({ caller }) => {
    const found = await broker.getOwnerActivity(caller)
    return found.ok ? ok({ json: activityView(found.value) }) : found
  }),
)

app.http(
  'getOwnerStatistics',
  serve(contract.getOwnerStatistics, async ({ caller }) => {
    const found = await broker.getOwnerStatistics(caller)
    return found.ok ? ok({ json: ownerStatisticsView(found.value) }) : found
  }),
)

app.http(
  'listOwnerResources',
  serve(contract.listOwnerResources, async ({ caller }) => {
    const found = await broker.listOwnerResources(caller)
    if (!found.ok) return found
    const { resources, isCapped } = found.value
    return ok({ json: { isCapped, resources: resources.map(ownedResourceView) } })
  }),
)

app.http(
  'listOwnerDeadLetters',
  serve(contract.listOwnerDeadLetters, async ({ caller }) => {
    const found = await broker.listOwnerDeadLetters(caller)
    return found.ok ? ok({ json: ownerDeadLettersView(found.value) }) : found
  }),
)

app.http(
  'replayOwnerDeadLetters',
  serve(contract.replayOwnerDeadLetters, async ({ caller, body }) => {
    const done = await broker.replayOwnerDeadLetters(caller, body.messageIds)
    return done.ok ? ok({ json: done.value }) : done
  }),
)
