/** A file is not encrypted, since recipients have no public key, or one that the sender does not trust. */
export class KeysRefused extends Error {
  override readonly name = 'KeysRefused'
  /** The recipients, `0192:` and nine digits. */
  readonly organizations: string[]

  constructor(reason: string, organizations: string[]) {
    super(`${reason}: ${organizations.map((each) => each.replace(/^0192:/, '')).join(', ')}`)
    this.organizations = organizations
  }
}

/** A file cannot be decrypted: by these private keys, or by none since it is damaged. */
export class NotDecrypted extends Error {
  override readonly name = 'NotDecrypted'
}
