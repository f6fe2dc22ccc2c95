import { type BrokerClient, type GroupSending, NotAllSent } from '@altinn/broker-client'
import { fileSource, folderResumeStore } from '@altinn/broker-client/node'

// Sends several files as one group. After a crash the same call resumes it, with the same ids.

export async function sendReport(broker: BrokerClient, sending: GroupSending) {
  try {
    const files = await Promise.all(['report.pdf', 'annex.pdf'].map(fileSource))
    const { fileTransferGroupId, files: sent } = await broker.sendGroup(files, sending, {
      resume: folderResumeStore('.sending'),
    })
    console.log(`${fileTransferGroupId}: ${sent.map(({ fileName }) => fileName).join(', ')}`)
  } catch (error) {
    if (!(error instanceof NotAllSent)) throw error
    for (const { fileName, error: why } of error.failures) console.error(fileName, why)
  }
}
