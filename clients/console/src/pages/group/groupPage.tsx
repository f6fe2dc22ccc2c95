import { Heading, Paragraph, Spinner } from '@digdir/designsystemet-react'
import { useEffect, useRef } from 'preact/hooks'
import { CopyButton } from '../../components/copyButton.js'
import { Fact } from '../../components/fact.js'
import { OrganizationName } from '../../components/organizationName.js'
import { PageHeading } from '../../components/pageHeading.js'
import { ProblemAlert } from '../../components/problemAlert.js'
import { useAnnounce, useSession, useTexts } from '../../state/context.js'
import type { Group } from '../../state/group.js'
import { useGroup } from '../../state/useGroup.js'
import { BackLink } from '../transfer/backLink.js'
import { ConfirmAll } from './confirmAll.js'
import { GroupTable } from './groupTable.js'

/** References have up to 4096 characters. */
const HEADING_LENGTH = 100

/** Several files that were sent together, updated while they change. */
export function GroupPage({ id }: { id: string }) {
  const texts = useTexts()
  const { broker } = useSession()
  const { value: group, error, refresh } = useGroup(broker, id)
  useChangesAnnounced(group)

  if (!group)
    return error === undefined ? (
      <Spinner aria-label={texts.loading} />
    ) : (
      <>
        <PageHeading title={texts.group} />
        <ProblemAlert error={error} onRetry={refresh} />
      </>
    )
  const { sendersFileTransferReference: reference, fileTransfers, fileCount } = group
  const isShort = reference.length <= HEADING_LENGTH
  return (
    <>
      <BackLink sender={group.sender} />
      <PageHeading title={texts.groupOf(isShort ? reference : `${reference.slice(0, HEADING_LENGTH)}…`)} />
      {error !== undefined && <ProblemAlert error={error} onRetry={refresh} />}
      <ConfirmAll group={group} onChanged={refresh} />
      <section aria-labelledby="group-files">
        <Heading level={2} data-size="sm" id="group-files">
          {texts.groupFiles}
        </Heading>
        {fileTransfers.length < fileCount && (
          <Paragraph>{texts.groupFilesLeft(fileTransfers.length, fileCount)}</Paragraph>
        )}
        <GroupTable files={fileTransfers} />
      </section>
      <section aria-labelledby="facts">
        <Heading level={2} data-size="sm" id="facts">
          {texts.aboutGroup}
        </Heading>
        <dl className="facts">
          <Fact name={texts.sender}>
            <OrganizationName party={group.sender} />
          </Fact>
          <Fact name={texts.reference}>
            {reference}
            <CopyButton what={texts.reference.toLowerCase()} text={reference} />
          </Fact>
          <Fact name={texts.resource}>{group.resourceId}</Fact>
          <Fact name="ID">
            <code>{group.fileTransferGroupId}</code>
            <CopyButton what="ID" text={group.fileTransferGroupId} />
          </Fact>
        </dl>
      </section>
    </>
  )
}

/** Announces each new status of a file to screen readers. */
function useChangesAnnounced(group: Group | undefined) {
  const texts = useTexts()
  const announce = useAnnounce()
  const before = useRef<Group | undefined>(undefined)
  useEffect(() => {
    const last = new Map(before.current?.fileTransfers.map((file) => [file.fileTransferId, file.fileTransferStatus]))
    const changed = (group?.fileTransfers ?? []).filter(({ fileTransferId, fileTransferStatus }) => {
      const earlier = last.get(fileTransferId)
      return earlier !== undefined && earlier !== fileTransferStatus
    })
    if (changed.length > 0)
      announce(changed.map((file) => texts.isNow(file.fileName, texts.statuses[file.fileTransferStatus])).join('. '))
    before.current = group
  }, [group, announce, texts])
}
