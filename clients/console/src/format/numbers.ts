// Numbers as text, in the reader's language.

const KIB = 1024
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** `52.4 MiB`. */
export function sizeText(bytes: number, locale: string): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1)
  const digits = power === 0 ? 0 : 1
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(bytes / KIB ** power)
  return `${number}\u00a0${UNITS[power]}`
}

/** `42 %`; rounded down, so 100 % means complete. */
export function percentText(part: number, whole: number, locale: string): string {
  const percent = whole === 0 ? 100 : Math.floor((part / whole) * 100)
  return new Intl.NumberFormat(locale, { style: 'percent' }).format(percent / 100)
}

/** `1 min 5 s`; without seconds from one hour on. */
export function durationText(seconds: number, locale: string): string {
  const whole = Math.max(1, Math.ceil(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60]
  const unit = (value: number, name: string) =>
    new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'short' }).format(value)
  const parts = [
    hours > 0 && unit(hours, 'hour'),
    minutes > 0 && unit(minutes, 'minute'),
    hours === 0 && rest > 0 && unit(rest, 'second'),
  ]
  return parts.filter(Boolean).join(' ')
}

/** `991 825 827`, as organisation numbers are written in Norway. */
export const organizationText = (number: string): string =>
  number.replace(/^(\d{3})(\d{3})(\d{3})$/, '$1\u00a0$2\u00a0$3')
