// Keys of the format age (https://age-encryption.org/v1): `AGE-SECRET-KEY-1…` is private, `age1…` public.

/** Whether it has the shape of a public key. Its last characters are a checksum, which Broker verifies. */
export const isPublicKey = (text: string): boolean => /^age1[02-9ac-hj-np-z]{58}$/.test(text)

/** A new private key. */
export async function newPrivateKey(): Promise<string> {
  const { generateX25519Identity } = await import('age-encryption')
  return generateX25519Identity()
}

/** The public key of a private one. @throws TypeError when it is damaged. The message shows nothing of it. */
export async function publicKeyOf(privateKey: string): Promise<string> {
  const { identityToRecipient } = await import('age-encryption')
  // The error of the library shows the key.
  return identityToRecipient(privateKey).catch(() => {
    throw damagedKey()
  })
}

/** A new private key as the program `age-keygen` writes it to a file, and its public key. */
export async function newKeyEntry(): Promise<{ publicKey: string; entry: string }> {
  const privateKey = await newPrivateKey()
  const publicKey = await publicKeyOf(privateKey)
  return { publicKey, entry: `# created: ${new Date().toISOString()}\n# public key: ${publicKey}\n${privateKey}\n` }
}

/** The error of a private key with a typing error. */
export const damagedKey = () => new TypeError('A private key is damaged: it has a typing error, or is not complete.')

/**
 * The private keys in a file of the program `age-keygen`: one on each line, and comments after `#`.
 * @throws TypeError when it is another file. The message shows nothing of it.
 */
export function privateKeysIn(text: string): string[] {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  if (lines.length === 0 || !lines.every((line) => /^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/.test(line)))
    throw new TypeError('It is not a file of private keys, each AGE-SECRET-KEY-1 and 58 characters.')
  return lines
}
