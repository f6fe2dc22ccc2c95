/** The public part of a key that signs receipts: a JWK (RFC 7517) of the curve P-256. */
export type PublicKey = { kty: 'EC'; crv: 'P-256'; x: string; y: string; kid: string; alg: 'ES256'; use: 'sig' }

/** Signs receipts, by ES256. */
export type ReceiptSigner = {
  /** The statement as a compact JWS (RFC 7515), signed by the newest key that verifiers know. */
  sign(statement: object): Promise<string>
  /** Every key that may have signed a receipt, the newest first. */
  keys(): Promise<PublicKey[]>
}
