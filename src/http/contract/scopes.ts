// The scopes of Maskinporten that Altinn has for Broker.

/** Of senders. */
export const WRITE = 'altinn:broker.write'
/** Of recipients. */
export const READ = 'altinn:broker.read'
/** Of service owners, who are set up and read their statistics by it. */
export const SERVICE_OWNER = 'altinn:serviceowner'
/** Of operators. */
export const MAINTENANCE = 'altinn:broker.maintenance'
