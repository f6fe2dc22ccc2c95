import { type SharedAzurite, startSharedAzurite } from '../../local/azurite/azurite.js'
import { type Stack, type StackOptions, startStack } from '../../local/stack.js'

let azurite: Promise<SharedAzurite> | undefined

/** A stack on free ports. Those that one process starts share an Azurite, which is warm then. */
export async function ownStack(options: StackOptions = {}): Promise<Stack> {
  azurite ??= startSharedAzurite()
  return startStack({ ports: 'free', azurite: await azurite, ...options })
}
