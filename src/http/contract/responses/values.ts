import { z } from 'zod'

/** A time as the original writes it. */
export const time = z.iso.datetime({ offset: true }).meta({ examples: ['2024-04-19T07:22:19.438+00:00'] })
/** The id of a file transfer or an event. */
export const id = z.guid().meta({ examples: ['4a1f7a50-3f0b-4e53-9d4a-6f1d6a7a2b11'] })
/** An organisation. */
export const party = z.string().meta({ examples: ['0192:991825827'] })
/** ISO 8601 durations: after the publication, or with a minus before the expiry. */
export const reminders = z.array(z.string().meta({ examples: ['P7D', '-P2D'] }))
/** A duration as the original writes it. */
export const dotNetDuration = z.string().meta({ examples: ['30.00:00:00'] })
