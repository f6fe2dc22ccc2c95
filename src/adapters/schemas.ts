import { z } from 'zod'
import { isOrganizationNumber } from '../domain/organizationNumber.js'

/** A time as JSON has it, ISO 8601 in UTC. */
export const time = z.iso.datetime().transform((text) => new Date(text))

/** An organisation number as it is stored and sent. */
export const organization = z.string().refine(isOrganizationNumber, 'not an organisation number')
