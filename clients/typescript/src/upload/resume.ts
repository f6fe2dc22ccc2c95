import { BrokerProblem, TransferEnded, WrongBytes } from '../calls/problem.js'
import { isTransient } from '../calls/retry.js'

/** Stores the progress of uploads, to resume them after a restart. */
export type ResumeStore = {
  /** The note of this key; undefined when there is none. */
  get(key: string): Promise<string | undefined>
  /** Replaces the note of this key. */
  set(key: string, note: string): Promise<void>
  /** Removes the note of this key, if there is one. */
  delete(key: string): Promise<void>
}

/** In memory, until the process ends. */
export function memoryResumeStore(): ResumeStore {
  const notes = new Map<string, string>()
  return {
    get: async (key) => notes.get(key),
    set: async (key, note) => void notes.set(key, note),
    delete: async (key) => void notes.delete(key),
  }
}

/** The part of `localStorage` that is used. */
export type WebStorage = {
  /** As of `localStorage`. */
  getItem(key: string): string | null
  /** As of `localStorage`. */
  setItem(key: string, value: string): void
  /** As of `localStorage`. */
  removeItem(key: string): void
}

/** In a browser: `webResumeStore(localStorage)`. */
export const webResumeStore = (storage: WebStorage, prefix = 'altinn-broker:'): ResumeStore => ({
  get: async (key) => storage.getItem(prefix + key) ?? undefined,
  set: async (key, note) => storage.setItem(prefix + key, note),
  delete: async (key) => storage.removeItem(prefix + key),
})

/** Whether a file transfer can never have its file. */
export const hasEnded = (error: unknown): boolean => error instanceof TransferEnded || error instanceof WrongBytes

/** Forgets the progress of a file transfer that has ended, so that the next try begins another. @throws the error. */
export const forgetIfEnded =
  (forget: () => unknown) =>
  async (error: unknown): Promise<never> => {
    if (error instanceof TransferEnded) await forget()
    throw error
  }

/** Forgets an initialization that Broker has refused. @throws the error. */
export const forgetIfRefused =
  (forget: () => unknown) =>
  async (error: unknown): Promise<never> => {
    if (isRefusal(error)) await forget()
    throw error
  }

/** Whether Broker has initialized nothing, and will not. After an answer of the token's an earlier try may have. */
export const isRefusal = (error: unknown) =>
  error instanceof BrokerProblem && error.status < 500 && ![401, 403].includes(error.status) && !isTransient(error)
