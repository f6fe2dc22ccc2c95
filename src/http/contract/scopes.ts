// The scopes of Maskinporten that Altinn has for Broker.
export const WRITE = 'altinn:broker.write'
export const READ = 'altinn:broker.read'
export const SERVICE_OWNER = 'altinn:serviceowner'
export const MAINTENANCE = 'altinn:broker.maintenance'
