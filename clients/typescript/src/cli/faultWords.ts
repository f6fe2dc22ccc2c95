// Errors of Node.js and of its libraries, in words for people.

const FILE_FAULTS: Record<string, string> = {
  ENOENT: 'does not exist',
  EACCES: 'cannot be opened: you lack the permission',
  EPERM: 'cannot be changed: you lack the permission',
  EISDIR: 'is a folder, not a file',
  ENOTDIR: 'is not in a folder: a part of its path is a file',
  EEXIST: 'is there already',
  ENOTEMPTY: 'is a folder that is not empty',
  ENAMETOOLONG: 'has a name that is too long for this disk',
  ELOOP: 'is a link that leads to itself',
  EROFS: 'is on a disk that can only be read',
  ENOSPC: 'cannot be written: the disk is full',
  EDQUOT: 'cannot be written: your part of the disk is full',
  EFBIG: 'cannot be written: it is larger than the disk or a limit of this process allows',
  EMFILE: 'cannot be opened: this process has too many files open',
  EBUSY: 'is in use by another program',
  EIO: 'cannot be read or written: the disk reports an error',
}

const UNTRUSTED =
  'its certificate is not trusted; where a proxy of your organisation is between, name its certificate in NODE_EXTRA_CA_CERTS'
const NO_ANSWER = 'no answer in time'
const CUT = 'the connection was cut'

const NETWORK_FAULTS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name cannot be looked up now: is the network up?',
  ENETUNREACH: 'the network cannot be reached',
  EHOSTUNREACH: 'the host cannot be reached',
  ECONNRESET: CUT,
  EPIPE: CUT,
  UND_ERR_SOCKET: CUT,
  ETIMEDOUT: NO_ANSWER,
  UND_ERR_CONNECT_TIMEOUT: NO_ANSWER,
  UND_ERR_HEADERS_TIMEOUT: NO_ANSWER,
  UND_ERR_BODY_TIMEOUT: NO_ANSWER,
  EPROTO: 'it does not speak TLS: is it http instead of https?',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS: is it http instead of https?',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS: is it http instead of https?',
  HPE_INVALID_CONSTANT: 'it does not speak HTTP: is it the right port, or https instead of http?',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is that of another host',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
}

/** A sentence about a file that could not be used; undefined for other errors. */
export function fileFault(error: Error): string | undefined {
  const { code, path, dest } = error as NodeJS.ErrnoException & { dest?: string }
  const words = FILE_FAULTS[code ?? '']
  return words && `${dest ?? path ?? 'It'} ${words}`
}

/** Why a connection failed, from its cause; undefined when nothing more is known. */
export function networkFault(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined
  const words = NETWORK_FAULTS[(cause as NodeJS.ErrnoException).code ?? '']
  if (words) return words
  if (cause.message === 'bad port') return 'that port is never used for HTTP'
  const inner = cause instanceof AggregateError ? cause.errors[0] : cause.cause
  return networkFault(inner) ?? (cause.name === 'TimeoutError' ? NO_ANSWER : undefined)
}
