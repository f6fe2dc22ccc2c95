import { describe, expect, test } from 'vitest'
import { sizeText } from '../../clients/console/src/format/numbers.js'
import { durationOf, meter, sizeOf } from '../../clients/typescript/src/cli/output.js'

/** The output during a transfer: each step is a second and the bytes transferred by then. */
function shown(isTTY: boolean, steps: [number, number][], total: number): string[] {
  const written: string[] = []
  let second = 0
  const line = meter('a.bin', { isTTY, write: (text) => written.push(text) }, () => second * 1000)
  for (const [at, bytes] of steps) {
    second = at
    line.show(bytes, total)
  }
  line.end()
  return written
}

describe('progress', () => {
  test('in a terminal is one line, with a bar, the speed and the time left', () => {
    const steps: [number, number][] = [
      [0, 0],
      [1, 25e6],
      [1.05, 26e6],
      [4, 100e6],
    ]

    expect(shown(true, steps, 100e6)).toEqual([
      `\r\x1b[Ka.bin ${'░'.repeat(30)}   0 %  0 B of 95.4 MiB  0 B/s`,
      `\r\x1b[Ka.bin ${'█'.repeat(8)}${'░'.repeat(22)}  25 %  23.8 MiB of 95.4 MiB  23.8 MiB/s  3 s left`,
      `\r\x1b[Ka.bin ${'█'.repeat(30)} 100 %  95.4 MiB of 95.4 MiB  23.8 MiB/s`,
      `\r\x1b[Ka.bin ${'█'.repeat(30)} 100 %  95.4 MiB of 95.4 MiB  23.8 MiB/s\n`,
    ])
  })

  test.each([120, 80, 60, 40, 20])('fits into a terminal of %i columns, also with a long name', (columns) => {
    for (const label of ['a.bin', 'x'.repeat(200)]) {
      const written: string[] = []
      let now = 0
      const line = meter(label, { isTTY: true, columns, write: (text) => written.push(text) }, () => now)
      for (now = 0; now <= 100_000; now += 10_000) line.show(now * 1e6, 1e11)
      line.end()

      const shown = written.map((text) => text.replace('\r\x1b[K', '').trimEnd())
      expect(Math.max(...shown.map((text) => text.length))).toBeLessThan(columns)
      if (columns >= 60) expect(shown.at(-1)).toContain('100 %  93.1 GiB of 93.1 GiB')
    }
  })

  test('elsewhere is a line now and then, and one at the end', () => {
    const steps: [number, number][] = [
      [0, 0],
      [1, 10],
      [6, 60],
      [7, 100],
    ]

    expect(shown(false, steps, 100)).toEqual([
      'a.bin  60 %  60 B of 100 B  10 B/s  4 s left\n',
      'a.bin 100 %  100 B of 100 B  14 B/s\n',
    ])
  })

  test('counts what an earlier try had brought, but not for the speed', () => {
    const steps: [number, number][] = [
      [0, 50e6],
      [5, 60e6],
    ]

    expect(shown(false, steps, 100e6).at(-1)).toBe('a.bin  60 %  57.2 MiB of 95.4 MiB  1.9 MiB/s  20 s left\n')
  })

  test('of a file that is sent in one request shows its speed, too', () => {
    expect(shown(false, [[2, 100]], 100)).toEqual(['a.bin 100 %  100 B of 100 B  50 B/s\n'])
  })

  test('of an empty file is done', () => {
    expect(shown(false, [[0, 0]], 0).at(-1)).toBe('a.bin 100 %  0 B of 0 B  0 B/s\n')
  })

  test('has the sizes of the console', () => {
    const sizes = [0, 1, 1023, 1024, 1025, 1536, 10_239, 1e6, 2 ** 20 - 1, 52.4 * 2 ** 20, 5 * 2 ** 30, 2 ** 40]

    expect(sizes.map(sizeOf)).toEqual(sizes.map((size) => sizeText(size, 'en').replace('\u00a0', ' ').replace(',', '')))
  })

  test('is written for people', () => {
    expect([0, 999, 1024, 123_456_789, 2e15].map(sizeOf)).toEqual(['0 B', '999 B', '1 KiB', '117.7 MiB', '1819 TiB'])
    expect([0.2, 65, 3723].map(durationOf)).toEqual(['1 s', '1 min 5 s', '1 h 2 min'])
  })
})
