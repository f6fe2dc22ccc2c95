import { randomUUID } from 'node:crypto'

export type FormPart = { name: string; value: string | Uint8Array; fileName?: string; type?: string }

/** A form as a client writes it (RFC 7578), in exactly this order. */
export function multipart(parts: FormPart[], { boundary = `----${randomUUID()}`, end = '--\r\n' } = {}) {
  const head = ({ name, fileName, type }: FormPart) =>
    [
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"`,
      fileName === undefined ? '' : `; filename="${fileName}"`,
      type === undefined ? '\r\n\r\n' : `\r\nContent-Type: ${type}\r\n\r\n`,
    ].join('')
  const pieces = parts.flatMap((part) => [Buffer.from(head(part)), Buffer.from(part.value), Buffer.from('\r\n')])
  const body = Buffer.concat([...pieces, Buffer.from(`--${boundary}${end}`)])
  return { contentType: `multipart/form-data; boundary=${boundary}`, body }
}

/** The metadata of a good request, as fields. */
export const metadata = (more: Record<string, string> = {}): FormPart[] =>
  Object.entries({
    FileName: 'report.pdf',
    ResourceId: 'letters',
    SendersFileTransferReference: 'our-7',
    Sender: '0192:991825827',
    Recipients: '0192:986252932',
    ...more,
  }).map(([name, value]) => ({ name: `Metadata.${name}`, value }))

export const filePart = (value: string | Uint8Array, fileName = 'any.bin'): FormPart => ({
  name: 'FileTransfer',
  value,
  fileName,
  type: 'application/octet-stream',
})

/** Bytes in chunks of these sizes, over and over. */
export async function* inChunks(bytes: Uint8Array, sizes: number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? bytes.length
    yield bytes.subarray(at, at + size)
    at += size
  }
}
