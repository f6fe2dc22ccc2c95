import { Readable } from 'node:stream'
import { ServiceBusClient } from '@azure/service-bus'
import { BlobServiceClient } from '@azure/storage-blob'
import { queues } from '../../../src/config.js'
import { defender, type OpenBlob } from './defender.js'

type Options = { scannedBlobs: string; serviceBus: string; log(line: string): void }

/** Defender over a storage account and a Service Bus, both by connection string. */
export function azureDefender({ scannedBlobs, serviceBus, log }: Options) {
  const blobs = BlobServiceClient.fromConnectionString(scannedBlobs)
  const bus = new ServiceBusClient(serviceBus, { retryOptions: { retryDelayInMs: 300, timeoutInMs: 10_000 } })
  const sender = bus.createSender(queues.malwareScanResults)

  const open = async (container: string, name: string): Promise<OpenBlob | undefined> => {
    const blob = blobs.getContainerClient(container).getBlobClient(name)
    try {
      const { readableStreamBody, etag = '' } = await blob.download(0, undefined, { maxRetryRequests: 5 })
      const content = readableStreamBody ? Readable.from(readableStreamBody) : Readable.from([])
      // The client's own address has the slashes of the name encoded; Defender's has not.
      const url = [blobs.getContainerClient(container).url, ...name.split('/').map(encodeURIComponent)].join('/')
      return { url, account: blobs.accountName, eTag: etag.replaceAll('"', ''), content }
    } catch (error) {
      if (error instanceof Object && 'statusCode' in error && error.statusCode === 404) return undefined
      throw error
    }
  }

  const scanner = defender({
    open,
    send: (event) => sender.sendMessages({ body: event, messageId: event.id, contentType: 'application/json' }),
    log,
  })

  return {
    blobCommitted: scanner.blobCommitted,
    stop: async () => {
      await scanner.stop()
      await bus.close()
    },
  }
}
