import type { Watched } from './poll.js'

/** This page of the browser. */
export const page: Watched = {
  isHidden: () => document.hidden,
  onReturn(listener, signal) {
    document.addEventListener('visibilitychange', listener, { signal })
    window.addEventListener('focus', listener, { signal })
  },
}
