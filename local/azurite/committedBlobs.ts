/** A blob whose content has just become whole. */
export type CommittedBlob = { container: string; name: string }

/**
 * The blob that a line of Azurite's access log reports as committed in this account: by a block list or a single put.
 */
export function committedBlob(line: string, account: string): CommittedBlob | undefined {
  const [, target] = /"PUT (\S+) HTTP\/1\.1" 201 /.exec(line) ?? []
  if (!target) return undefined
  const { pathname, searchParams } = new URL(target, 'http://azurite')
  const [own, container, ...name] = pathname.slice(1).split('/').map(decodeURIComponent)
  if (own !== account || !container || name.length === 0 || searchParams.has('restype')) return undefined
  const comp = searchParams.get('comp')
  return comp === null || comp === 'blocklist' ? { container, name: name.join('/') } : undefined
}
