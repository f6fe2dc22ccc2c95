const owner = '991825827'
const recipient = '986252932'
const resource = 'altinn-broker-test-resource-1'
const transfer = `{
    "fileName": "hello.txt", "resourceId": "${resource}", "sendersFileTransferReference": "my-1",
    "sender": "0192:${owner}", "recipients": ["0192:${recipient}"] }`

// Each can be pasted as it is, all at once. What it does it prints: comments mean nothing to an interactive zsh.

const shell = (base: string) => `
  BASE=${base}; API=$BASE/broker/api/v1; JSON='Content-Type: application/json'
  OWNER="Authorization: Bearer $(curl -s "$BASE/token?org=${owner}&scope=altinn:serviceowner+altinn:broker.write")"
  RECIPIENT="Authorization: Bearer $(curl -s "$BASE/token?org=${recipient}&scope=altinn:broker.read")"

  echo '1. The service owner and its resource, once'
  curl -s -w '%{http_code}\\n' $API/serviceowner -H "$OWNER" -H "$JSON" -d '{ "name": "Digitaliseringsdirektoratet" }'
  curl -s -w '%{http_code}\\n' -X PUT $API/resource/${resource} -H "$OWNER" -H "$JSON" -d '{}'

  echo '2. The sender initializes a file transfer and uploads the file'
  ID=$(curl -s $API/filetransfer -H "$OWNER" -H "$JSON" -d '${transfer}' | sed 's/.*"fileTransferId":"\\([^"]*\\)".*/\\1/')
  echo 'Hello, Altinn' | curl -s -w '\\n' -X POST -T - $API/filetransfer/$ID/upload \\
    -H "$OWNER" -H 'Content-Type: application/octet-stream'

  echo '3. It is checked and scanned, then published'
  until curl -s $API/filetransfer/$ID -H "$OWNER" | grep -Eo '"fileTransferStatus":"(Published|Failed)"'; do sleep 1; done

  echo '4. The recipient downloads it and confirms'
  curl -s $API/filetransfer/$ID/download -H "$RECIPIENT"
  curl -s -w '%{http_code}\\n' -X POST $API/filetransfer/$ID/confirmdownload -H "$RECIPIENT"
`

const powerShell = (base: string) => `
  $Base = '${base}'; $Api = "$Base/broker/api/v1"; $Json = 'application/json'
  $Owner = @{ Authorization = "Bearer " + (Invoke-RestMethod "$Base/token?org=${owner}&scope=altinn:serviceowner+altinn:broker.write") }
  $Recipient = @{ Authorization = "Bearer " + (Invoke-RestMethod "$Base/token?org=${recipient}&scope=altinn:broker.read") }

  '1. The service owner and its resource, once'
  Invoke-RestMethod "$Api/serviceowner" -Method Post -Headers $Owner -ContentType $Json -Body '{ "name": "Digitaliseringsdirektoratet" }'
  Invoke-RestMethod "$Api/resource/${resource}" -Method Put -Headers $Owner -ContentType $Json -Body '{}'

  '2. The sender initializes a file transfer and uploads the file'
  $Id = (Invoke-RestMethod "$Api/filetransfer" -Method Post -Headers $Owner -ContentType $Json -Body '${transfer}').fileTransferId
  Invoke-RestMethod "$Api/filetransfer/$Id/upload" -Method Post -Headers $Owner -ContentType 'application/octet-stream' -Body 'Hello, Altinn'

  '3. It is checked and scanned, then published'
  do { Start-Sleep 1; $Status = (Invoke-RestMethod "$Api/filetransfer/$Id" -Headers $Owner).fileTransferStatus } until ($Status -in 'Published', 'Failed'); $Status

  '4. The recipient downloads it and confirms'
  Invoke-RestMethod "$Api/filetransfer/$Id/download" -Headers $Recipient
  Invoke-RestMethod "$Api/filetransfer/$Id/confirmdownload" -Method Post -Headers $Recipient
`

const COMMANDS = { shell, powerShell }

/** Commands to try on the stack at this address, to paste all at once. */
export const commands = (kind: keyof typeof COMMANDS, base: string): string => COMMANDS[kind](base)

/** The commands for each kind of shell. */
export const whatToTry = (base: string): string =>
  `What to try next. Paste it into a terminal, all at once.\n\nIn a shell:\n${shell(base)}\nIn PowerShell:\n${powerShell(base)}`
