#!/usr/bin/env node
import crypto from 'node:crypto'
import fs from 'node:fs'
// Load client for the Broker HTTP API. No dependencies; Node >= 20; Linux for the --pid figures.
//
//   node load.mjs --base http://127.0.0.1:5096 --tokens ./tokens.mjs --scenario initialize --concurrency 16 --seconds
// 10
//
// --base            origin of the API (paths are below --prefix, default /broker/api/v1/filetransfer)
// --tokens          module whose default export is async (org, scope) => bearer token, or
// --token-url       URL with {org} and {scope}, answering the bare token as text
// --scenario        initialize | search | overview | details | upload | tus | download | flow
// --recipients      how many recipients each transfer gets (default 1)
// --size            body size: 1KiB, 1MiB, 100MiB, 1GiB ...
// --concurrency     simultaneous workers, one keep-alive connection each (default 1)
// --seconds         stop starting new requests after this long (default 10); --count: or after this many
// --warmup          seconds of the same load that are not counted (default 2; 0 for upload, tus, download, flow)
// --id              download/overview/details: use this transfer instead of making one; prints "made" ids otherwise
// --resource --sender --recipient   identifiers (defaults fit the public test data); --query: extra search query
// --pid             name=PID[,name=PID]: report CPU time of each process tree, and peak memory of the first
// --events-url      flow: URL with {id}, answering [{receivedAt, event}] as the Altinn simulator does, polled for the
// published event
// --publish-timeout seconds flow waits for Published (default 30)
// --chunk           tus: bytes per PATCH (default: the whole body in one)
// --verify          download/flow: compare the MD5 of what came back with what was sent
// --json            print one JSON line instead of text; --label: name kept in it
import http from 'node:http'
import https from 'node:https'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const str = (d) => ({ type: 'string', ...(d === undefined ? {} : { default: d }) })
const { values: o } = parseArgs({
  options: {
    base: str(),
    prefix: str('/broker/api/v1/filetransfer'),
    tokens: str(),
    'token-url': str(),
    scenario: str(),
    recipients: str('1'),
    size: str('1KiB'),
    concurrency: str('1'),
    seconds: str('10'),
    count: str(),
    warmup: str(),
    id: str(),
    resource: str('altinn-broker-test-resource-1'),
    sender: str('991825827'),
    recipient: str('986252932'),
    query: str('status=Published'),
    pid: str(''),
    'events-url': str(),
    'publish-timeout': str('30'),
    label: str(),
    chunk: str(),
    verify: { type: 'boolean' },
    json: { type: 'boolean' },
  },
})
if (!o.base || !o.scenario || !(o.tokens || o['token-url'])) {
  console.error('need --base, --scenario and --tokens or --token-url (see the top of this file)')
  process.exit(2)
}

const bytesOf = (s) => {
  const m = /^([\d.]+)\s*(B|KiB|MiB|GiB)?$/.exec(s)
  return Math.round(Number(m[1]) * { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }[m[2] ?? 'B'])
}
const size = bytesOf(o.size),
  concurrency = Number(o.concurrency),
  seconds = Number(o.seconds)
const maxCount = o.count ? Number(o.count) : Infinity,
  nRecipients = Number(o.recipients)
const warmup = Number(o.warmup ?? (['upload', 'tus', 'download', 'flow'].includes(o.scenario) ? 0 : 2))

// ---- tokens ----------------------------------------------------------------------------------------------------
const mint = o.tokens
  ? (await import(pathToFileURL(path.resolve(o.tokens)).href)).default
  : async (org, scope) =>
      (
        await (await fetch(o['token-url'].replace('{org}', org).replace('{scope}', encodeURIComponent(scope)))).text()
      ).trim()
const senderToken = await mint(o.sender, 'altinn:broker.write')
const recipientToken = await mint(o.recipient, 'altinn:broker.read')

// ---- HTTP ------------------------------------------------------------------------------------------------------
const base = new URL(o.base),
  lib = base.protocol === 'https:' ? https : http
const newAgent = () => new lib.Agent({ keepAlive: true, maxSockets: 1 })
const chunk = crypto.randomBytes(Math.min(size, 2 ** 20) || 1)
let expectedMd5
const bodyMd5 = () => {
  if (!expectedMd5) {
    const h = crypto.createHash('md5')
    for (let left = size; left > 0; left -= chunk.length)
      h.update(left < chunk.length ? chunk.subarray(0, left) : chunk)
    expectedMd5 = h.digest('hex')
  }
  return expectedMd5
}

// One request. Body: undefined, a JSON value, or { stream: bytes }. Returns status, parsed JSON when asked, bytes,
// times.
function call(agent, method, p, token, { json, stream, parse, hash, extra, absolute } = {}) {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, accept: '*/*', ...extra }
    let payload
    if (json !== undefined) {
      payload = Buffer.from(JSON.stringify(json))
      headers['content-type'] = 'application/json'
      headers['content-length'] = payload.length
    }
    if (stream !== undefined) {
      headers['content-type'] ??= 'application/octet-stream'
      headers['content-length'] = stream
    }
    const t0 = performance.now()
    let tFirst = 0
    const req = lib.request(
      {
        host: base.hostname,
        port: base.port || (lib === https ? 443 : 80),
        method,
        path: absolute ? p : o.prefix + p,
        headers,
        agent,
      },
      (res) => {
        tFirst = performance.now()
        let n = 0
        const parts = []
        const h = hash ? crypto.createHash('md5') : null
        const keep = parse || res.statusCode >= 400
        res.on('data', (d) => {
          n += d.length
          if (h) h.update(d)
          if (keep && n < 2 ** 20) parts.push(d)
        })
        res.on('end', () => {
          const text = keep ? Buffer.concat(parts).toString() : ''
          let value
          if (parse && res.statusCode < 400)
            try {
              value = JSON.parse(text)
            } catch {
              value = text
            }
          resolve({
            status: res.statusCode,
            headers: res.headers,
            ok: res.statusCode < 300,
            value,
            text,
            bytes: n,
            md5: h?.digest('hex'),
            ms: performance.now() - t0,
            firstMs: tFirst - t0,
          })
        })
        res.on('error', reject)
      },
    )
    req.on('error', reject)
    if (stream === undefined) return req.end(payload)
    let left = stream
    const pump = () => {
      while (left > 0) {
        const b = left < chunk.length ? chunk.subarray(0, left) : chunk
        left -= b.length
        if (!req.write(b)) return req.once('drain', pump)
      }
      req.end()
    }
    pump()
  })
}

const recipientOrgs = () => [o.recipient, ...Array.from({ length: nRecipients - 1 }, (_, i) => String(910000000 + i))]
const initialize = (agent) =>
  call(agent, 'POST', '', senderToken, {
    parse: true,
    json: {
      fileName: 'load.bin',
      resourceId: o.resource,
      sendersFileTransferReference: 'load',
      sender: `0192:${o.sender}`,
      recipients: recipientOrgs().map((r) => `0192:${r}`),
      propertyList: {},
    },
  })
const idOf = (r) => {
  if (!r.ok) throw new Error(`initialize: ${r.status} ${r.text.slice(0, 300)}`)
  return r.value.fileTransferId ?? r.value
}
const upload = (agent, id) => call(agent, 'POST', `/${id}/upload`, senderToken, { stream: size })
const overview = (agent, id) => call(agent, 'GET', `/${id}`, senderToken, { parse: true })
// A resumable upload (TUS 1.0.0): create, then PATCH until the whole body is sent.
async function tus(agent, id) {
  const extra = { 'tus-resumable': '1.0.0' }
  const t0 = performance.now()
  const made = await call(agent, 'POST', `/upload/tus/${id}`, senderToken, {
    extra: { ...extra, 'upload-length': String(size), 'content-length': '0' },
  })
  if (!made.ok) return made
  const where = new URL(made.headers.location, base).pathname
  const step = o.chunk ? bytesOf(o.chunk) : size
  let r = made
  for (let at = 0; at < size; at += step) {
    r = await call(agent, 'PATCH', where, senderToken, {
      absolute: true,
      stream: Math.min(step, size - at),
      extra: { ...extra, 'upload-offset': String(at), 'content-type': 'application/offset+octet-stream' },
    })
    if (!r.ok) return r
  }
  const ms = performance.now() - t0
  note('publishAfterUploadEnd', await waitPublished(agent, id, performance.now()))
  return { ...r, ms }
}
const sleep = (ms) => new Promise((r) => setTimeout(r, ms))

async function waitPublished(agent, id, t0) {
  const end = performance.now() + Number(o['publish-timeout']) * 1000
  for (let pause = 2; performance.now() < end; pause = Math.min(pause * 1.5, 100)) {
    const r = await overview(agent, id)
    if (r.ok && r.value.fileTransferStatus === 'Published') return performance.now() - t0
    if (r.ok && r.value.fileTransferStatus === 'Failed') throw new Error('transfer failed')
    await sleep(pause)
  }
  throw new Error('not published in time')
}
async function make(agent) {
  // a published transfer of --size
  const id = idOf(await initialize(agent))
  const up = await upload(agent, id)
  if (!up.ok) throw new Error(`upload: ${up.status} ${up.text.slice(0, 300)}`)
  await waitPublished(agent, id, performance.now())
  return id
}

// ---- process figures -------------------------------------------------------------------------------------------
const pids = o.pid
  ? o.pid.split(',').map((s) => {
      const [n, p] = s.includes('=') ? s.split('=') : ['server', s]
      return { name: n, pid: Number(p) }
    })
  : []
function cpuMs(root) {
  // user+system time of a process and its descendants, in ms (100 ticks a second)
  const stat = new Map()
  for (const d of fs.readdirSync('/proc'))
    if (/^\d+$/.test(d))
      try {
        const s = fs.readFileSync(`/proc/${d}/stat`, 'utf8')
        const f = s.slice(s.lastIndexOf(')') + 2).split(' ')
        stat.set(Number(d), { ppid: Number(f[1]), t: Number(f[11]) + Number(f[12]) + Number(f[13]) + Number(f[14]) })
      } catch {
        /* gone */
      }
  let sum = 0
  const todo = [root]
  while (todo.length) {
    const p = todo.pop()
    const s = stat.get(p)
    if (s) {
      sum += s.t
      for (const [q, v] of stat) if (v.ppid === p) todo.push(q)
    }
  }
  return sum * 10
}
const mem = (pid) => {
  const s = fs.readFileSync(`/proc/${pid}/status`, 'utf8')
  const g = (k) => Math.round(Number(new RegExp(`${k}:\\s+(\\d+)`).exec(s)[1]) / 1024)
  return { rssMiB: g('VmRSS'), peakMiB: g('VmHWM') }
}
const resetPeak = (pid) => {
  try {
    fs.writeFileSync(`/proc/${pid}/clear_refs`, '5')
    return true
  } catch {
    return false
  }
}

// ---- run -------------------------------------------------------------------------------------------------------
const agents = Array.from({ length: concurrency }, newAgent)
const out = { label: o.label, scenario: o.scenario, concurrency, recipients: nRecipients, size: o.size }
const series = {}
const statuses = {}
const errors = {}
let bytes = 0,
  done = 0
const note = (name, ms) => {
  series[name] ??= []
  series[name].push(ms)
}
let counting = true
let prepared = []

if (['upload', 'tus'].includes(o.scenario)) {
  // transfers are initialized beforehand, so only uploads are timed
  const n = Math.min(maxCount, 1e6)
  if (!Number.isFinite(maxCount)) throw new Error('upload and tus need --count')
  for (let i = 0; i < n; i += 8)
    prepared.push(
      ...(await Promise.all(Array.from({ length: Math.min(8, n - i) }, () => initialize(agents[0])))).map(idOf),
    )
} else if (['download', 'overview', 'details'].includes(o.scenario)) prepared = o.id ? [o.id] : [await make(agents[0])]
if (!o.id && prepared.length === 1) out.made = prepared[0]

const steps = {
  initialize: (a) => initialize(a),
  search: (a) => call(a, 'GET', `?resourceId=${encodeURIComponent(o.resource)}&${o.query}`, senderToken),
  overview: (a) => call(a, 'GET', `/${prepared[0]}`, senderToken),
  details: (a) => call(a, 'GET', `/${prepared[0]}/details`, senderToken),
  upload: (a, i) => upload(a, prepared[i]),
  tus: (a, i) => tus(a, prepared[i]),
  download: async (a) => {
    const r = await call(a, 'GET', `/${prepared[0]}/download`, recipientToken, { hash: o.verify })
    if (r.ok && r.bytes !== size && !o.id) throw new Error(`short download: ${r.bytes}`)
    if (r.ok && o.verify && !o.id && r.md5 !== bodyMd5()) throw new Error('MD5 differs')
    if (counting) note('firstByte', r.firstMs)
    return r
  },
  flow: async (a) => {
    const t0 = performance.now()
    const init = await initialize(a)
    const id = idOf(init)
    note('initialize', init.ms)
    const w0 = Date.now()
    const p0 = performance.now()
    const up = await upload(a, id)
    if (!up.ok) throw new Error(`upload: ${up.status} ${up.text.slice(0, 200)}`)
    note('upload', up.ms)
    note('publishAfterUploadStart', await waitPublished(a, id, p0))
    note('publishAfterUploadEnd', performance.now() - p0 - up.ms)
    const down = await call(a, 'GET', `/${id}/download`, recipientToken, { hash: true })
    if (!down.ok) throw new Error(`download: ${down.status}`)
    if (down.bytes !== size || (o.verify && down.md5 !== bodyMd5())) throw new Error('download differs')
    note('download', down.ms)
    const conf = await call(a, 'POST', `/${id}/confirmdownload`, recipientToken)
    if (!conf.ok) throw new Error(`confirm: ${conf.status} ${conf.text.slice(0, 200)}`)
    note('confirm', conf.ms)
    const total = performance.now() - t0
    if (o['events-url']) {
      const end = Date.now() + Number(o['publish-timeout']) * 1000
      let seen
      while (!seen && Date.now() < end) {
        const ev = await (await fetch(o['events-url'].replace('{id}', id))).json()
        seen = ev.find((e) => /published/i.test(e.event.type))
        if (!seen) await sleep(25)
      }
      if (seen) {
        const receivedAt = Date.parse(seen.receivedAt)
        note('eventAfterUploadEnd', receivedAt - w0 - up.ms)
        note('eventAfterPublishing', receivedAt - Date.parse(seen.event.time))
      } else note('eventMissing', 1)
    }
    return { ...conf, ms: total, bytes: 2 * size }
  },
}
const step = steps[o.scenario]
if (!step) throw new Error(`no scenario ${o.scenario}`)

async function drive(untilMs, limit) {
  const end = performance.now() + untilMs
  let next = 0
  await Promise.all(
    agents.map(async (a) => {
      while (performance.now() < end && next < limit) {
        const i = next++
        try {
          const r = await step(a, i)
          if (!counting) continue
          statuses[r.status] = (statuses[r.status] ?? 0) + 1
          if (r.ok) {
            done++
            note('total', r.ms)
            bytes += ['upload', 'tus'].includes(o.scenario) ? size : r.bytes
          } else {
            const k = r.text.slice(0, 160)
            errors[k] = (errors[k] ?? 0) + 1
          }
        } catch (e) {
          if (counting) {
            const k = String(e.message ?? e).slice(0, 160)
            errors[k] = (errors[k] ?? 0) + 1
          }
        }
      }
    }),
  )
}

if (o.verify) bodyMd5()
if (warmup > 0) {
  counting = false
  await drive(warmup * 1000, Infinity)
  counting = true
  for (const k of Object.keys(series)) delete series[k]
}
const peakReset = pids.length ? resetPeak(pids[0].pid) : false
if (pids.length) out.rssBeforeMiB = mem(pids[0].pid).rssMiB
const cpu0 = pids.map((p) => cpuMs(p.pid))
const own0 = process.cpuUsage()
const w0 = performance.now()
await drive(seconds * 1000, ['upload', 'tus'].includes(o.scenario) ? prepared.length : maxCount)
const wall = (performance.now() - w0) / 1000
const own = process.cpuUsage(own0)
if (pids.length) {
  out.cpuMsPerRequest = Object.fromEntries(
    pids.map((p, i) => [p.name, +((cpuMs(p.pid) - cpu0[i]) / Math.max(1, done)).toFixed(2)]),
  )
  const m = mem(pids[0].pid)
  out.rssAfterMiB = m.rssMiB
  out.peakRssMiB = peakReset ? m.peakMiB : `${m.peakMiB} since start`
}
const q = (xs, p) => {
  const s = [...xs].sort((a, b) => a - b)
  return +s[Math.min(s.length - 1, Math.ceil(p * s.length) - 1)].toFixed(2)
}
out.requests = done
out.wallS = +wall.toFixed(2)
out.perSecond = +(done / wall).toFixed(1)
if (['upload', 'tus', 'download', 'flow'].includes(o.scenario)) out.MBperSecond = +(bytes / 1e6 / wall).toFixed(1)
out.ms = Object.fromEntries(
  Object.entries(series).map(([k, v]) => [k, { n: v.length, p50: q(v, 0.5), p99: q(v, 0.99), max: q(v, 1) }]),
)
out.statuses = statuses
if (Object.keys(errors).length) out.errors = errors
out.clientCpuMsPerRequest = +((own.user + own.system) / 1000 / Math.max(1, done)).toFixed(2)
for (const a of agents) a.destroy()
if (o.json) console.log(JSON.stringify(out))
else console.log(out)
