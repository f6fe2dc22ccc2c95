const owner = '991825827'
const recipient = '986252932'
const resource = 'altinn-broker-test-resource-1'

/** What to try next: shell lines to paste, one block after the other, with what they do. */
export function usage({ app, altinn }: { app: string; altinn: string }): string {
  return `
What to try next, in another terminal:

  # tokens: one of the service owner, who also sends, and one of a recipient
  OWNER=$(curl -s "${altinn}/token?org=${owner}&scope=altinn:serviceowner+altinn:broker.write")
  RECIPIENT=$(curl -s "${altinn}/token?org=${recipient}&scope=altinn:broker.read")
  API=${app}/broker/api/v1

  # once: the service owner and a resource
  curl -si $API/serviceowner -H "Authorization: Bearer $OWNER" --json '{"name": "Digitaliseringsdirektoratet"}'
  curl -si -X PUT $API/resource/${resource} -H "Authorization: Bearer $OWNER" --json '{}'

  # initialize a file transfer, and upload the file
  ID=$(curl -s $API/filetransfer -H "Authorization: Bearer $OWNER" --json '{
    "fileName": "hello.txt", "resourceId": "${resource}", "sendersFileTransferReference": "my-1",
    "sender": "0192:${owner}", "recipients": ["0192:${recipient}"]}' | sed 's/.*"fileTransferId":"\\([^"]*\\)".*/\\1/')
  echo "Hello, Altinn" | curl -si -X POST -T - $API/filetransfer/$ID/upload \\
    -H "Authorization: Bearer $OWNER" -H "Content-Type: application/octet-stream"

  # is it published?
  curl -s $API/filetransfer/$ID -H "Authorization: Bearer $OWNER"

  # download it as the recipient, and confirm
  curl -s $API/filetransfer/$ID/download -H "Authorization: Bearer $RECIPIENT"
  curl -si -X POST $API/filetransfer/$ID/confirmdownload -H "Authorization: Bearer $RECIPIENT"

  # the events that Altinn received
  ${altinn}/

Ctrl-C stops everything.
`
}
