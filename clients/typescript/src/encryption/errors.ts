const REASONS = {
  none: 'No key to encrypt for has been published by',
  untrusted: 'Broker gives another key than the trusted ones for',
}

/** A file is not encrypted, since recipients have no public key, or one that the sender does not trust. */
export class KeysRefused extends Error {
  override readonly name = 'KeysRefused'
  /** `none`: they have published no key; `untrusted`: their keys are not among the trusted ones. */
  readonly reason: keyof typeof REASONS
  /** The recipients, `0192:` and nine digits. */
  readonly organizations: string[]

  constructor(reason: keyof typeof REASONS, organizations: string[]) {
    super(`${REASONS[reason]}: ${organizations.map((each) => each.replace(/^0192:/, '')).join(', ')}`)
    this.reason = reason
    this.organizations = organizations
  }
}

/** A file cannot be decrypted: by these private keys, or by none since it is damaged. */
export class NotDecrypted extends Error {
  override readonly name = 'NotDecrypted'
}
