import { writeFile } from 'node:fs/promises'
import { describe, expect, test, vi } from 'vitest'
import { historyOf, stepText } from '../../clients/typescript/src/cli/commands/history.js'
import { remindersIn } from '../../clients/typescript/src/cli/optionValues.js'
import type { FileTransferDetails } from '../../clients/typescript/src/index.js'
import { commandLine } from '../support/commandLine.js'
import { KARI, OLA, ownJourney, SLOW_POLLING } from '../support/journey.js'

const journey = await ownJourney({}, { isEmpty: true })
const { cli, json, pathOf } = commandLine(journey.stack)

describe('reminders on the command line', () => {
  test('are set for a resource, chosen for a sending, and told by status', async () => {
    const shown = await cli(['resource', 'new-reminding', '--remind', 'PT1S,-P2D', '--remind', 'P7D', '--local'])
    expect(shown.stdout).toContain('reminders: PT1S, P7D, -P2D\n')
    await writeFile(pathOf('a.txt'), 'a')
    const to = ['--to', `${KARI},${OLA}`, '--resource', 'new-reminding']

    const { fileTransferId: id } = await json('send', 'a.txt', ...to, '--remind', 'PT1S', '--remind=-P2D')
    await vi.waitFor(async () => {
      await journey.runTimer('maintain')
      expect(await journey.details(id)).toHaveProperty('reminderHistory')
    }, SLOW_POLLING)

    const { stdout } = await cli(['status', id, '--local'])
    expect(stdout).toMatch(/\nreminders: -P2D, next [-\d]{10} [:\d]{8}\n/)
    expect(stdout).toMatch(/ {2}Reminded .+ \(\d{9}\), .+ \(\d{9}\)\n/)
    const none = await json('send', 'a.txt', ...to, '--remind', 'none')
    expect(await journey.details(none.fileTransferId)).not.toHaveProperty('reminders')
    expect(await json('resource', 'new-reminding', '--remind', 'none')).not.toHaveProperty('reminders')
  })

  test('that the resource does not offer are refused in words, and so are other texts', async () => {
    await cli(['resource', 'new-reminding', '--remind', 'P7D', '--local'])
    await writeFile(pathOf('b.txt'), 'b')
    const refused = async (remind: string) => {
      const { code, stderr } = await cli([
        'send',
        'b.txt',
        '--resource',
        'new-reminding',
        `--remind=${remind}`,
        '--local',
      ])
      return `${code} ${stderr}`
    }

    expect(await refused('P8D')).toContain('It offers P7D.')
    expect(await refused('soon')).toContain('A reminder is an ISO 8601 duration, such as P7D')
    expect((await cli(['send', 'b.txt', '--remind', '-P2D', '--local'])).stderr).toBe(
      "altinn-broker: To specify an option argument starting with a dash use '--remind=-XYZ'. See altinn-broker send --help\n",
    )
    expect(await refused('none,P7D')).toMatch(/^2 .*--remind none stands alone/)
  })
})

describe('the durations of --remind', () => {
  test.each([
    [undefined, undefined],
    [['P7D'], ['P7D']],
    [
      ['P7D, -P2D', 'PT1H'],
      ['P7D', '-P2D', 'PT1H'],
    ],
    [['none'], []],
  ])('%j are %j', (remind, reminders) => {
    expect(remindersIn({ remind })).toEqual(reminders)
  })
})

describe('a reminder in the history', () => {
  const naming = (party: string) => party
  const of = (recipients: string[]) => {
    const details = {
      fileTransferStatusHistory: [],
      recipientFileTransferStatusHistory: [],
      reminderHistory: [{ reminded: '2026-11-28T14:00:00+00:00', recipients }],
    } as unknown as FileTransferDetails
    return historyOf(details).map((step) => stepText(step, naming))
  }

  test('names a few, and counts many', () => {
    expect(of([KARI, OLA])).toEqual([`Reminded ${KARI}, ${OLA}`])
    expect(of(Array(21).fill(KARI))).toEqual(['Reminded 21 recipients'])
  })
})
