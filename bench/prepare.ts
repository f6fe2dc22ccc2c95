import { setTimeout as pause } from 'node:timers/promises'
import { setUpResource } from '../clients/typescript/src/cli/connect.js'
import { organizationClient, organizationToken } from '../local/organizationClient.js'
import type { Stack } from '../local/stack.js'

const OWNER = '991825827'
const RECIPIENT = '986252932'
const RESOURCE = 'altinn-broker-test-resource-1'

/** A service owner with a resource, who also sends, and headers of those who send and receive on it. */
export async function prepare({ urls }: Pick<Stack, 'urls'>) {
  const broker = organizationClient(urls, OWNER)
  await setUpResource(broker, RESOURCE, 'Digdir')
  const headersOf = async (organization: string) => ({
    authorization: `Bearer ${await organizationToken(urls, organization)()}`,
  })
  return {
    broker,
    api: `${urls.app}/broker/api/v1`,
    write: await headersOf(OWNER),
    read: await headersOf(RECIPIENT),

    /** A file transfer that is not scanned. */
    initialize: () =>
      broker.initializeFileTransfer({
        fileName: 'large.bin',
        resourceId: RESOURCE,
        sendersFileTransferReference: 'bench',
        sender: `0192:${OWNER}`,
        recipients: [`0192:${RECIPIENT}`],
        disableVirusScan: true,
      }),

    /** Waits until the file is published, and returns its MD5. @throws when the upload has failed. */
    async published(id: string) {
      for (;;) {
        const now = await broker.getFileTransfer(id)
        if (now.fileTransferStatus === 'Published') return now.checksum
        if (now.fileTransferStatus === 'Failed') throw new Error('The upload has failed.')
        await pause(50)
      }
    },
  }
}
