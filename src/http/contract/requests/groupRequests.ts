import { z } from 'zod'
import { atMost, initialize } from './requests.js'

const MAX_FILES = 100
const TOO_MANY_FILES = `There are at most ${MAX_FILES} files.`
const NO_FILES = 'Files must be a list of at least one file.'

const { fileName, checksum, checksumSha256, ...shared } = initialize.shape

/** One of the files that a sender announces. */
export const announcedFile = z.object(
  { fileName, checksum, checksumSha256 },
  { error: 'A file must be an object with a fileName.' },
)

/** What a sender gives when it initializes a group of file transfers: what they share, and what each has of its own. */
export const initializeGroup = z
  .object({
    ...shared,
    files: atMost(
      MAX_FILES,
      TOO_MANY_FILES,
      z.array(announcedFile, { error: NO_FILES }).min(1, NO_FILES).meta({ maxItems: MAX_FILES }),
    ),
  })
  .meta({
    // It works on the local stack.
    examples: [
      {
        resourceId: 'altinn-broker-test-resource-1',
        sendersFileTransferReference: 'my-1',
        sender: '0192:991825827',
        recipients: ['0192:986252932'],
        propertyList: { color: 'blue' },
        files: [{ fileName: 'hello.txt' }, { fileName: 'world.txt' }],
      },
    ],
  })
