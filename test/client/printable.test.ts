import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { errorLines } from '../../clients/typescript/src/cli/errors.js'
import { printable } from '../../clients/typescript/src/cli/printable.js'
import { run } from '../../clients/typescript/src/cli/run.js'
import { tokenOf } from '../support/fakeBroker.js'
import { hostileText } from '../support/hostileText.js'

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'printable-test-'))
  await writeFile(join(folder, 'a.txt'), 'Hei!')
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(() => {
  vi.stubEnv('ALTINN_BROKER_URL', 'http://broker.invalid')
  vi.stubEnv('ALTINN_BROKER_RESOURCE', 'r')
  vi.stubEnv('XDG_CONFIG_HOME', folder)
  vi.stubEnv('XDG_STATE_HOME', folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

/** The output of a command, its errors included, when each call gets this answer. */
async function written(argv: string[], answer: typeof fetch, { isTTY = false } = {}) {
  const said = { out: '', err: '' }
  vi.stubGlobal('fetch', answer)
  vi.stubEnv('ALTINN_BROKER_TOKEN', tokenOf('986252932'))
  const [out, err] = [process.stdout, process.stderr]
  const wasTTY = err.isTTY
  err.isTTY = isTTY
  const spies = [
    vi.spyOn(out, 'write').mockImplementation((text) => {
      said.out += text
      return true
    }),
    vi.spyOn(err, 'write').mockImplementation((text) => {
      said.err += text
      return true
    }),
  ]
  try {
    await run(argv, new AbortController().signal)
  } catch (error) {
    said.err += errorLines(error, { json: argv.includes('--json') })
      .map((line) => `${line}\n`)
      .join('')
  } finally {
    for (const spy of spies) spy.mockRestore()
    err.isTTY = wasTTY
  }
  return said
}

const expectPrintable = (text: string) => {
  for (const line of text.replaceAll('\r\x1b[K', '').split('\n')) expect(line).not.toMatch(UNPRINTABLE)
}

/** A transfer with hostile texts everywhere, and with a valid status if one is given. */
const transferOf = (text: () => string, status?: string) => {
  const step = {
    fileTransferStatus: status ?? text(),
    fileTransferStatusText: text(),
    fileTransferStatusChanged: text(),
  }
  const recipient = { recipient: text(), currentRecipientFileTransferStatusCode: text() }
  const past = {
    recipient: text(),
    recipientFileTransferStatusCode: text(),
    recipientFileTransferStatusChanged: text(),
  }
  return {
    fileTransferId: text(),
    fileName: text(),
    resourceId: text(),
    sender: text(),
    created: text(),
    sendersFileTransferReference: text(),
    expirationTime: text(),
    checksum: null,
    fileTransferSize: 4,
    ...step,
    recipients: [recipient, recipient],
    propertyList: { [text()]: text() },
    fileTransferStatusHistory: [step, step],
    recipientFileTransferStatusHistory: [past],
  }
}

const summaryOf = (text: () => string) => ({
  fileTransferId: text(),
  resourceId: text(),
  fileName: text(),
  sendersFileTransferReference: text(),
  sender: text(),
  fileTransferSize: 4,
  fileTransferStatus: text(),
  created: text(),
  expirationTime: text(),
  recipients: { total: 2, downloading: 0, confirmed: 1, first: [text(), text()] },
  recipientStatus: text(),
})

const resourceOf = (text: () => string) => ({
  maxFileTransferSize: null,
  fileTransferTimeToLive: text(),
  purgeFileTransferAfterAllRecipientsConfirmed: true,
  purgeFileTransferGracePeriod: text(),
  requiredParty: text(),
})

/** A Broker that answers every call. */
const answering =
  (text: () => string, status?: string): typeof fetch =>
  async (input, init) => {
    const { pathname } = new URL(String(input))
    if (pathname.endsWith('/filetransfersummaries'))
      return Response.json({ fileTransfers: [summaryOf(text), summaryOf(text), summaryOf(text)] })
    if (pathname.endsWith('/names')) return Response.json({ organizations: [{ organization: text(), name: text() }] })
    if (init?.method && init.method !== 'GET') return Response.json({ fileTransferId: text() })
    if (pathname.endsWith('/filetransfer')) return Response.json([text(), text(), text()])
    if (pathname.endsWith('/download')) return new Response('Hei!')
    return Response.json(pathname.includes('/resource/') ? resourceOf(text) : transferOf(text, status))
  }

const refusals: ((text: () => string) => typeof fetch)[] = [
  (text) => async () =>
    Response.json(
      { code: text(), detail: text(), errors: { [text()]: [text(), text()] }, traceId: text(), title: text() },
      { status: 400 },
    ),
  (text) => async () => new Response(text(), { status: 403 }),
  (text) => async () => {
    throw new TypeError('fetch failed', { cause: new Error(text()) })
  },
]

const COMMANDS = [
  ['inbox'],
  ['inbox', '--sent', '--status', 'Failed'],
  ['status', 'x'],
  ['confirm', 'x'],
  ['cancel', 'x'],
  ['cancel', 'x', '--reason', 'y'],
  ['expire', 'x', '--until', '7d'],
  ['watch', 'x', '--until', 'Published'],
  ['watch', 'x'],
  ['resource', 'x', '--ttl', 'P1D'],
  ['receive', 'x', 'y', '--confirm', '--out', 'FOLDER/in/'],
  ['receive', '--all', '--confirm', '--out', 'FOLDER/in/'],
  ['send', 'FOLDER/a.txt', '--to', '986252932'],
  ['login', '--url', 'http://broker.invalid'],
]

const placed = (argv: string[]) => argv.map((each) => each.replace('FOLDER', folder))
const hostileTexts = fc.infiniteStream(hostileText).map((stream) => () => stream.next().value)

describe('what people read of the command line', () => {
  test.each(COMMANDS.map((argv) => [argv.join(' '), argv]))('has no text that acts: %s', async (_, argv) => {
    // A watch and an upload end only with a known status.
    const statuses =
      argv.join(' ') === 'watch x'
        ? ['Failed']
        : argv[0] === 'watch' || argv[0] === 'send'
          ? ['Published', 'Failed']
          : [undefined]
    const cases = fc.tuple(hostileTexts, fc.constantFrom(...statuses), fc.boolean())
    await fc.assert(
      fc.asyncProperty(cases, async ([text, status, isTTY]) => {
        const said = await written(placed(argv), answering(text, status), { isTTY })

        expectPrintable(said.out + said.err)
        expect(said.out + said.err).not.toBe('')
        if (argv[0] === 'inbox' && said.err === '') expect(said.out.split('\n')).toHaveLength(5) // a head, three lines, the end
      }),
      { numRuns: 40 },
    )
  })

  test.each(COMMANDS.map((argv) => [argv.join(' '), argv]))('nor when it fails: %s', async (_, argv) => {
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((act: () => void) => setImmediate(act)) as never)
    await fc.assert(
      fc.asyncProperty(hostileTexts, fc.constantFrom(...refusals), async (text, refusal) => {
        // Patient commands would try for ever.
        const tries = ['send', 'receive', 'watch'].includes(argv[0] ?? '') ? ['--retry', '3'] : []
        const said = await written([...placed(argv), ...tries], refusal(text))

        expectPrintable(said.out + said.err)
        if (argv[0] !== 'login') expect(said.err).toMatch(/^altinn-broker: /m)
      }),
      { numRuns: 30 },
    )
  })

  test('has none of what was typed or configured either', async () => {
    const typed = fc.oneof(
      fc.constantFrom(
        'inbox --limit',
        'inbox --status',
        'inbox --config',
        'send x --chunk-size',
        'send x --property',
        'send',
        'resource x --purge',
        'resource',
        'login --environment',
        'login --key-file',
        'completion',
        'receive --out',
        'inbox --url',
        'status x',
        'send FOLDER/a.txt --to',
        '',
      ),
    )
    await fc.assert(
      fc.asyncProperty(typed, hostileText, async (words, text) => {
        const argv = [...placed(words.split(' ').filter(Boolean)), text]
        const said = await written(
          argv,
          answering(() => 'x', 'Published'),
        )
        expectPrintable(said.out + said.err)
        expectPrintable((await written([`--${text}`, ...argv], refusals[0]?.(() => text) ?? fetch)).err)
      }),
      { numRuns: 200 },
    )
    const file = join(folder, 'mine.json')
    await fc.assert(
      fc.asyncProperty(hostileText, async (text) => {
        await writeFile(file, JSON.stringify({ [text]: 1 }))
        expectPrintable((await written(['status', 'x', '--config', file], fetch)).err)
        await writeFile(file, JSON.stringify({ environment: text, clientId: text, url: text }))
        expectPrintable(
          (
            await written(
              ['status', 'x', '--config', file],
              answering(() => text),
            )
          ).err,
        )
      }),
      { numRuns: 30 },
    )
  })

  test('has all help and completion as it was', async () => {
    for (const argv of [['--help'], ['send', '--help'], ['completion', 'bash'], ['completion', 'zsh'], ['--version']])
      expectPrintable((await written(argv, fetch)).out)
  })

  test('is untouched where programs read', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (text) => {
        const listed = await written(
          ['inbox', '--json'],
          answering(() => text.toWellFormed()),
        )
        const failed = await written(['status', 'x', '--json'], refusals[0]?.(() => text) ?? fetch)

        const line = `${JSON.stringify(summaryOf(() => text.toWellFormed()))}\n`
        expect(listed).toEqual({ out: line.repeat(3), err: '' })
        expect(JSON.parse(failed.err)).toMatchObject({ status: 400, reason: text, code: text })
      }),
    )
  })

  test.each([
    ['søknad æøå 字 😀 e\u0301.pdf', 'søknad æøå 字 😀 e\u0301.pdf'],
    ['a\x1b[2Kb', 'a\\u{1b}[2Kb'],
    ['a\nb\tc\u2028d', 'a\\u{a}b\\u{9}c\\u{2028}d'],
    ['invoice\u202efdp.exe', 'invoice\\u{202e}fdp.exe'],
    ['\ud800\u{e0041}', '\\u{d800}\\u{e0041}'],
  ])('shows what is hidden: %j', (text, shown) => {
    expect(printable(text)).toBe(shown)
  })
})
