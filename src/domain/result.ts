/** A value, or the reason why there is none. */
export type Result<Value, Reason> = { ok: true; value: Value } | { ok: false; reason: Reason }

export const ok = <Value>(value: Value): Result<Value, never> => ({ ok: true, value })
export const err = <const Reason>(reason: Reason): Result<never, Reason> => ({ ok: false, reason })
