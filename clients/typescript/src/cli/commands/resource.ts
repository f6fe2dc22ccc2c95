import type { ResourceChange, ResourceConfiguration } from '../../wire/types.js'
import type { Command } from '../command.js'
import { LOCAL, setUpLocally } from '../connect.js'
import { UsageError } from '../errors.js'
import { remindOption, textIn, type Values } from '../options.js'
import { bytesIn, isLocal, remindersIn } from '../optionValues.js'
import { sizeOf } from '../output.js'

export const resource: Command = {
  about: 'tells how a resource of the service owner is configured, or configures it',
  takes: { called: '[ID]', atLeast: 0, atMost: 1 },
  role: 'sender',
  examples: [
    'my-resource',
    'my-resource --max-size 50GB --ttl P30D --purge yes --grace PT2H',
    'my-resource --remind P7D,-P2D',
  ],
  options: {
    'max-size': { type: 'string', value: 'SIZE', about: 'the largest file, such as 50GB' },
    ttl: { type: 'string', value: 'DURATION', about: 'for how long files are there, such as P30D' },
    'max-ttl': { type: 'string', value: 'DURATION', about: 'for how long a sender can have them there, such as P90D' },
    purge: {
      type: 'string',
      value: 'yes|no',
      about: 'whether files go when all have confirmed',
      choices: ['yes', 'no'],
    },
    grace: { type: 'string', value: 'DURATION', about: 'how long after that, such as PT2H' },
    remind: remindOption('when to remind recipients: P7D after the publication, -P2D before the expiry; or none'),
  },
  async run(run) {
    const { names, values, settings, output, signal } = run
    const id = names[0] ?? settings.resource ?? (isLocal(run) ? LOCAL.resource : undefined)
    if (!id) throw new UsageError('Which resource? Give its id')
    const change = changeIn(values)
    if (isLocal(run)) await setUpLocally(process.env, id)
    const { broker } = await run.connect()
    if (Object.keys(change).length > 0) await broker.configureResource(id, change, { signal })
    const now = await broker.getResource(id, { signal })
    output.result({ resourceId: id, ...now }, ...linesOf(id, now))
  },
}

function changeIn(values: Values): ResourceChange {
  const [maxFileTransferSize, ttl, maxTtl, grace] = [
    bytesIn(values, 'max-size'),
    textIn(values, 'ttl'),
    textIn(values, 'max-ttl'),
    textIn(values, 'grace'),
  ]
  const reminders = remindersIn(values)
  const purge = textIn(values, 'purge')
  if (purge !== undefined && purge !== 'yes' && purge !== 'no')
    throw new UsageError(`--purge is yes or no, not ${purge}`)
  return {
    ...(maxFileTransferSize !== undefined && { maxFileTransferSize }),
    ...(ttl !== undefined && { fileTransferTimeToLive: ttl }),
    ...(maxTtl !== undefined && { fileTransferMaxTimeToLive: maxTtl }),
    ...(purge !== undefined && { purgeFileTransferAfterAllRecipientsConfirmed: purge === 'yes' }),
    ...(grace !== undefined && { purgeFileTransferGracePeriod: grace }),
    ...(reminders && { reminders }),
  }
}

function linesOf(id: string, now: ResourceConfiguration): string[] {
  const purge = now.purgeFileTransferAfterAllRecipientsConfirmed
    ? `after ${now.purgeFileTransferGracePeriod ?? 'the usual time'} when all have confirmed`
    : 'not before they expire'
  return [
    id,
    `largest file: ${now.maxFileTransferSize === null ? 'as Broker allows' : sizeOf(now.maxFileTransferSize)}`,
    `files are there for: ${now.fileTransferTimeToLive ?? 'the usual time'}`,
    ...(now.fileTransferMaxTimeToLive ? [`at most, if the sender says so: ${now.fileTransferMaxTimeToLive}`] : []),
    `files go: ${purge}`,
    ...(now.reminders ? [`reminders: ${now.reminders.join(', ')}`] : []),
    ...(now.requiredParty === null ? [] : [`required party: ${now.requiredParty}`]),
  ]
}
