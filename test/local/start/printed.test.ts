import { describe, expect, test } from 'vitest'
import { readableLine } from '../../../local/start/logLines.js'
import { startOptions } from '../../../local/start/options.js'
import { screen } from '../../../local/start/screen.js'
import { jsonLog } from '../../../src/adapters/telemetry/jsonLog.js'
import { logEvents } from '../../../src/domain/projections/logEvents.js'

describe('a line of the log', () => {
  const logged = (...asked: Parameters<ReturnType<typeof jsonLog>>) => {
    let line = ''
    jsonLog(
      (written) => {
        line = written
      },
      () => 'the-trace',
    )(...asked)
    return readableLine(`app: ${line}`)
  }

  test('says in short when what happened to which file transfer', () => {
    const line = logged('fileTransfer.initialized', { fileTransferId: 'the-id', sequence: 1, resourceId: 'r', by: '1' })

    expect(line).toMatch(/^\d\d:\d\d:\d\d /)
    expect(line.slice(9)).toBe(`${logEvents['fileTransfer.initialized'].message} the-id resourceId=r by=1`)
  })

  test('says all of it when something is wrong', () => {
    const line = logged('backup.failed', { error: new Error('no space') })

    expect(line).toContain(`ERROR ${logEvents['backup.failed'].message}`)
    expect(line).toContain('code=backup.failed')
    expect(line).toContain('Error: no space')
    expect(line).toContain('traceId=the-trace')
  })

  test.each([
    'altinn: subscription 1 stays inactive',
    'app: {"level":"info"}',
    'app: {not json}',
    'app: Debugger listening',
  ])('that is none stays as it is: %s', (line) => expect(readableLine(line)).toBe(line))
})

describe('a terminal', () => {
  test('keeps one line last, and short enough', () => {
    let shown = ''
    const { print, pin, unpin } = screen({ isTTY: true, columns: 11, write: (text) => (shown += text) })

    print('before')
    pin('a long pinned line', 'what to try')
    print('after')
    unpin()
    print('end')

    const rows = shown.split('\n').map((row) => row.split('\x1b[2K').at(-1))
    expect(rows).toEqual(['before', 'what to try', 'after', 'end', ''])
    expect(shown).toContain('\r\x1b[2Kafter\na long pin\r\x1b[2K')
  })

  test('is what alone gets that line', () => {
    let written = ''
    const { pin, print, unpin } = screen({ write: (text) => (written += text) })

    pin('pinned', 'what to try')
    print('after')
    unpin()

    expect(written).toBe('what to try\nafter\n')
  })
})

describe('the options of npm start', () => {
  test('are lines for people and fresh data, unless others are chosen', () => {
    expect(startOptions([], {})).toEqual({ keep: false, log: 'lines', emulators: 'own' })
    expect(startOptions(['--keep', '--log', 'json'], { LOCAL_EMULATORS: 'compose' })).toEqual({
      keep: true,
      log: 'json',
      emulators: 'compose',
    })
  })

  test.each([
    [['--log', 'xml'], {}, '--log is "xml"'],
    [['--kept'], {}, '--kept'],
    [[], { LOCAL_EMULATORS: 'docker' }, 'LOCAL_EMULATORS is "docker"'],
  ])('refuse what there is not: %j %j', (args, environment, says) => {
    expect(() => startOptions(args, environment)).toThrow(says)
  })
})
