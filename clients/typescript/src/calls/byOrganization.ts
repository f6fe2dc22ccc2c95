import { partyOf } from '../wire/organization.js'

/** Asks Broker for many organisations, some at a time. The answers are in the order of the organisations. */
export async function byOrganization<Answer>(
  organizations: string[],
  atATime: number,
  ask: (question: { organizations: string[] }) => Promise<Answer[]>,
): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let start = 0; start < organizations.length; start += atATime)
    answers.push(...(await ask({ organizations: organizations.slice(start, start + atATime).map(partyOf) })))
  return answers
}
