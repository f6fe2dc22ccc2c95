import type { Command } from '../command.js'
import { retryOption, textIn } from '../options.js'
import { timeText } from '../times.js'

export const changes: Command = {
  about: 'lists what is new for a recipient, over all its resources, as it comes',
  takes: { called: '', atLeast: 0, atMost: 0 },
  role: 'recipient',
  examples: ['', '--once --json', '--after MGYxYzBmOWUuNDI'],
  options: {
    retry: retryOption,
    after: {
      type: 'string',
      value: 'CURSOR',
      about: 'what came after this one of an earlier call (--json shows them)',
    },
    once: { type: 'boolean', about: 'what is there now, without waiting for more' },
  },
  async run({ values, output, signal, connect }) {
    const { broker } = await connect()
    const until = values.once ? 'once' : 'forever'
    for await (const change of broker.changes({ after: textIn(values, 'after'), until, signal })) {
      const { occurred, type, fileTransferId, resourceId } = change
      output.result(change, `${timeText(occurred)}  ${type.split('.').at(-1)}  ${fileTransferId}  ${resourceId}`)
    }
  },
}
