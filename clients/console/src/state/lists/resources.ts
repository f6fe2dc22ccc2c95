import type { Session } from '../session.js'

const TYPED = 'console-resources'

/** The resources that the console knows: those of the local stack, else those that the user has typed in this tab. */
export function knownResources({ resources }: Session): string[] {
  return resources.length > 0 ? resources.map(({ id }) => id) : typedResources()
}

export function storeTypedResource(id: string): void {
  sessionStorage.setItem(TYPED, JSON.stringify([...new Set([id, ...typedResources()])]))
}

const typedResources = (): string[] => JSON.parse(sessionStorage.getItem(TYPED) ?? '[]')
