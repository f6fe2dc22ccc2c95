import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** What a tool says where there is none. */
export const NO_CHROMIUM =
  'No Chromium is found. Install it (on Debian: apt-get install chromium), or set CHROMIUM_PATH to where it is.'

/** Where Chromium is: at CHROMIUM_PATH, else on the PATH; undefined when it is not installed. */
export const chromiumPath = ({ CHROMIUM_PATH, PATH }: Record<string, string | undefined>): string | undefined =>
  CHROMIUM_PATH || programPath(NAMES, PATH)

/** Where the first of these programs is on the PATH. */
export function programPath(names: string[], path = ''): string | undefined {
  const folders = path.split(delimiter).filter(Boolean)
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram)
}

/** Starts it headless, in a language. @throws with how to install it, where it is missing. */
export async function launchChromium(language = 'en'): Promise<Browser> {
  const executablePath = chromiumPath(process.env)
  if (executablePath === undefined) throw new Error(NO_CHROMIUM)
  // Chromium refuses to run as root in its sandbox, as it does in containers.
  const args = [`--lang=${language}`, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])]
  return chromium.launch({ executablePath, args })
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
