import type { World } from '../world.js'
import type { CloudEvent, EventStore, Received } from './eventStore.js'

const ROWS = 500

/** The received events for people: newest first, one row for each event with the number of times it came. */
export function eventPage(events: EventStore, world: World): string {
  const rows = new Map<string, Received & { times: number }>()
  for (const received of events.newest(ROWS)) {
    const row = rows.get(received.event.id)
    if (row) row.times += 1
    else rows.set(received.event.id, { ...received, times: 1 })
  }
  const empty = '<tr><td colspan="8">No event has been received yet.</td></tr>'
  const body = [...rows.values()].map((row) => tableRow(row, world))
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="5">
<meta name="viewport" content="width=device-width">
<title>Altinn simulator</title>
<style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { margin: 2rem auto; max-width: 90rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #8884 }
code { font-size: .85em; overflow-wrap: anywhere }
li { margin: .2rem 0 }
</style>
</head>
<body>
<h1>Altinn simulator</h1>
<p>${events.count()} received, newest first, at most ${ROWS} shown. The page renews itself.</p>
<table>
<thead><tr><th>Received</th><th>Event</th><th>Receiver</th><th>Role</th><th>File transfer</th><th>Event id</th><th>Trace</th><th>Times</th></tr></thead>
<tbody>
${body.length > 0 ? body.join('\n') : empty}
</tbody>
</table>
<h2>Tokens</h2>
<ul>
${examples.map(([what, query]) => `<li><a href="/token?${escaped(query)}">${what}</a></li>`).join('\n')}
</ul>
</body>
</html>
`
}

const examples: [string, string][] = [
  ['991825827 as sender', 'org=991825827&scope=altinn:broker.write+altinn:broker.read'],
  ['991825827 as service owner', 'org=991825827&scope=altinn:serviceowner'],
  ['986252932 as recipient', 'org=986252932&scope=altinn:broker.read'],
  [
    'a system user of 910753614, made by the vendor 974760673',
    'org=910753614&scope=altinn:broker.read&systemUser=22222222-0000-4000-8000-000910753614&vendor=974760673',
  ],
  ['a raw Maskinporten token', 'org=986252932&scope=altinn:broker.read&kind=maskinporten'],
  ['an expired token', 'org=986252932&scope=altinn:broker.read&expiresIn=-60'],
]

function tableRow({ receivedAt, event, traceparent, times }: Received & { times: number }, world: World): string {
  const organization = /\d{9}$/.exec(event.alternativesubject ?? event.subject)?.[0]
  const name = organization && world.organisation(organization)?.name
  const receiver = [escaped(name ?? ''), event.subject, event.alternativesubject]
    .filter(Boolean)
    .map((part, index) => (index === 0 && name ? part : `<code>${escaped(part ?? '')}</code>`))
  const cells = [
    `<time>${escaped(receivedAt)}</time>`,
    escaped(event.type),
    receiver.join('<br>'),
    escaped(roleOf(event)),
    `<code>${escaped(event.resourceinstance ?? '')}</code>`,
    `<code>${escaped(event.id)}</code>`,
    `<code>${escaped(traceparent?.split('-')[1] ?? '')}</code>`,
    times > 1 ? `×${times}` : '1',
  ]
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`
}

function roleOf({ data }: CloudEvent): string {
  return typeof data === 'object' && data !== null && 'Role' in data ? String(data.Role) : ''
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
