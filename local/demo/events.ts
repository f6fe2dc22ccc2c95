import { z } from 'zod'

const received = z.array(
  z.object({
    event: z.object({
      id: z.string(),
      type: z.string(),
      time: z.string(),
      subject: z.string(),
      alternativesubject: z.string().optional(),
      data: z.object({ Role: z.string() }).optional(),
    }),
  }),
)

export type ReceivedEvent = z.infer<typeof received>[number]['event']

/** What Altinn Events has received about the transfer, repeats included. */
export async function receivedEvents(altinn: string, id: string): Promise<ReceivedEvent[]> {
  const response = await fetch(`${altinn}/events?resourceinstance=${id}`)
  return received.parse(await response.json()).map(({ event }) => event)
}
