/**
 * The setting of a stack, an address or connection string on this machine, through a proxy that is started for its
 * port.
 */
export async function redirect<Proxy extends { port: number }>(
  setting: string,
  startProxy: (port: number) => Promise<Proxy>,
): Promise<{ setting: string; proxy: Proxy }> {
  const [usual, port] = /127\.0\.0\.1:(\d+)/.exec(setting) ?? []
  if (usual === undefined) throw new Error('The setting names no port of this machine.')
  const proxy = await startProxy(Number(port))
  return { setting: setting.replaceAll(usual, `127.0.0.1:${proxy.port}`), proxy }
}
