import { replayId } from '../../src/adapters/bus/redeliveredMessage.js'
import type { DeadLetter, DeadLetters } from '../../src/usecases/ports/operating.js'
import type { MemoryMessages, SentMessage } from './memoryMessages.js'

/** A message that was given up, with its content, and where it is sent again. */
export type Buried = {
  entity: string
  letter: DeadLetter
  message: Pick<SentMessage, 'entity' | 'body' | 'subscription' | 'returned'>
}

/** Dead letters in memory. */
export function memoryDeadLetters(
  entities: string[],
  messages: Pick<MemoryMessages, 'put'>,
): DeadLetters & { bury(dead: Buried): void } {
  let buried: Buried[] = []
  const at = (entity: string, limit: number) => buried.filter((dead) => dead.entity === entity).slice(0, limit)

  return {
    entities,
    bury: (dead) => void buried.push(dead),

    async peek(entity, limit) {
      return structuredClone(at(entity, limit).map(({ letter }) => letter))
    },

    async replay(entity, limit, until, isWanted = () => true) {
      const found = at(entity, limit)
      const due = found.filter(({ letter }) => letter.enqueuedAt <= until && isWanted(letter))
      for (const { letter, message } of due) messages.put(copyOf(letter, message))
      buried = buried.filter((dead) => !due.includes(dead))
      return { replayed: due.length, isEmpty: found.length === 0 || due.length < found.length }
    },
  }
}

/** A copy with an id of its own and no tries. */
function copyOf({ messageId }: DeadLetter, { entity, body, subscription, returned }: Buried['message']) {
  const { tries = 0, replays = 0 } = returned ?? {}
  const id = replayId({ addressee: subscription ?? entity, messageId, tries, replays })
  return {
    entity,
    messageId: id,
    body,
    returned: { tries: 0, replays: replays + 1 },
    ...(subscription && { subscription }),
  }
}
