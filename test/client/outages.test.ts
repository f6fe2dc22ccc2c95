import { expect, test } from 'vitest'
import { tokensSayingOutages } from '../../clients/typescript/src/cli/connection/outages.js'
import { BrokenConnection, brokerClient, TokenRefused } from '../../clients/typescript/src/index.js'

const noAnswer = new BrokenConnection('Maskinporten does not answer at https://maskinporten.no')

/** A client whose token services give these answers in turn, and what it has said. */
function clientWith(answers: (string | Error)[]) {
  const said: string[] = []
  const token = tokensSayingOutages(
    async () => {
      const answer = answers.shift() ?? 't'
      if (answer instanceof Error) throw answer
      return answer
    },
    (line) => said.push(line),
  )
  const fetch = async () => Response.json({ name: 'Digdir' })
  return { said, client: brokerClient({ baseUrl: 'http://broker', token, fetch, patience: { firstMs: 1 } }) }
}

test('that there are no tokens is said once, and that there are again', async () => {
  const { said, client } = clientWith([noAnswer, noAnswer, 't'])

  await client.getServiceOwner()
  await client.getServiceOwner()

  expect(said).toEqual([
    'Maskinporten does not answer at https://maskinporten.no. It is tried again; Ctrl-C stops',
    'There are tokens again',
  ])
})

test('of a refusal nothing is said: it ends the call', async () => {
  const { said, client } = clientWith([new TokenRefused(400, 'no')])

  await expect(client.getServiceOwner()).rejects.toThrow('no')
  expect(said).toEqual([])
})
