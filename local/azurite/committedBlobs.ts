/**
 * A blob whose content has just become whole. `wasCutOff`: its client did not wait for the answer, so that it may become
 * whole in a moment, or never.
 */
export type CommittedBlob = { container: string; name: string; wasCutOff?: true }

/**
 * The blob that a line of Azurite's access log reports as committed, by a block list or a single put, and its account.
 */
export function committedBlob(line: string): { account: string; blob: CommittedBlob } | undefined {
  const [, target, status] = /"PUT (\S+) HTTP\/1\.1" (201|-) /.exec(line) ?? []
  if (!target) return undefined
  const { pathname, searchParams } = new URL(target, 'http://azurite')
  const [account, container, ...name] = pathname.slice(1).split('/').map(decodeURIComponent)
  if (!account || !container || name.length === 0 || searchParams.has('restype')) return undefined
  const comp = searchParams.get('comp')
  const blob: CommittedBlob = { container, name: name.join('/'), ...(status === '-' && { wasCutOff: true }) }
  return comp === null || comp === 'blocklist' ? { account, blob } : undefined
}
