import { randomInt, randomUUID } from 'node:crypto'
import { type InitializeRequest, initialize } from '../../src/domain/fileTransfer/initialize.js'
import { type OrganizationNumber, parseOrganizationNumber } from '../../src/domain/organizationNumber.js'
import { newResource } from '../../src/domain/resource.js'

/** An organisation number. @throws when it is none. */
export function organization(number: string): OrganizationNumber {
  const parsed = parseOrganizationNumber(number)
  if (!parsed) throw new Error(`Not an organisation number: ${number}`)
  return parsed
}

/** An organisation that no other test uses. */
export const anyOrganization = () => organization(String(randomInt(100_000_000, 1_000_000_000)))

/** As many, no two of them the same. */
export function anyOrganizations(count: number) {
  const first = randomInt(100_000_000, 1_000_000_000 - count)
  return Array.from({ length: count }, (_, index) => organization(String(first + index)))
}

export const owner = organization('991825827')
export const sender = organization('974760673')
export const kari = organization('910000001')
export const ola = organization('910000002')

export const at = new Date('2026-03-01T12:00:00.000Z')
export const later = (seconds: number) => new Date(at.getTime() + seconds * 1000)

/** What a sender asks for, when nothing in particular matters. */
export const request = (asked: Partial<InitializeRequest> = {}): InitializeRequest => ({
  fileName: 'bilag.pdf',
  resourceId: 'bilag',
  sendersFileTransferReference: 'sak 1',
  sender,
  recipients: [kari, ola],
  propertyList: {},
  checksum: null,
  disableVirusScan: false,
  ...asked,
})

/** A transfer that was just initialized, and the facts so far. */
export function initialized(asked: Partial<InitializeRequest> = {}, id: string = randomUUID()) {
  const known = {
    resource: {
      ...newResource(asked.resourceId ?? 'bilag', owner),
      ...(asked.reminders && { reminders: asked.reminders }),
    },
    owner: { organization: owner, name: 'Eier', storageReadyAt: at },
    isRegistered: true,
    isOutsideAccessList: false,
    isProduction: false,
  }
  const initialized = initialize(request(asked), known, { id, at, vendor: undefined })
  if (!initialized.ok) throw new Error(JSON.stringify(initialized.reason))
  return initialized.value
}

/** All that an iterable yields. */
export const all = <Item>(items: AsyncIterable<Item>): Promise<Item[]> => Array.fromAsync(items)
