const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?\s*(Z|[+-]\d{2}:?\d{2})?$/i
const HAS_ZONE = /(?:Z|GMT|UTC|[+-]\d{2}:?\d{2})\s*$/i

/** A time in ISO 8601, with a space for the T if need be, or in another common form. Without an offset it is UTC (spec 4.4). */
export function parseDate(text: string): Date | undefined {
  const iso = ISO.exec(text.trim())
  const at = iso
    ? new Date(`${iso[1]}T${iso[2] ?? '00:00'}${iso[3] ?? 'Z'}`)
    : new Date(HAS_ZONE.test(text) ? text : `${text} UTC`)
  return Number.isNaN(at.getTime()) ? undefined : at
}
