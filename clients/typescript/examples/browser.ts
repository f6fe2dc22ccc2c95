import { BrokerProblem, blobSink, brokerClient, webResumeStore } from '@altinn/broker-client'

/** Sends what the user has chosen; the same file chosen again after a reload goes on where it was. */
export async function sendChosen(input: HTMLInputElement, bar: HTMLProgressElement, getToken: () => Promise<string>) {
  const [file] = input.files ?? []
  if (!file) return
  const broker = brokerClient({ baseUrl: 'https://platform.tt02.altinn.no', token: getToken })
  const sending = {
    resourceId: 'my-resource',
    sendersFileTransferReference: file.name,
    sender: '991825827',
    recipients: ['986252932'],
  }
  try {
    await broker.send(file, sending, {
      resume: webResumeStore(localStorage),
      onProgress: ({ sentBytes, totalBytes }) => {
        bar.value = sentBytes / totalBytes
      },
    })
  } catch (error) {
    if (!(error instanceof BrokerProblem)) throw error
    alert(`${error.code ?? error.status}: ${error.detail}`)
  }
}

/** Shows the user a received file as a download of the page. */
export async function receiveAsDownload(
  fileTransferId: string,
  link: HTMLAnchorElement,
  getToken: () => Promise<string>,
) {
  const broker = brokerClient({ baseUrl: 'https://platform.tt02.altinn.no', token: getToken })
  const sink = blobSink()
  const { fileName } = await broker.receive(fileTransferId, sink, { confirm: true })
  link.href = URL.createObjectURL(sink.blob())
  link.download = fileName
  link.click()
}
