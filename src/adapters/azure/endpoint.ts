/** A connection string, or the address of an account that is reached by identity. */
export type Endpoint = { connectionString: string } | { address: string }
