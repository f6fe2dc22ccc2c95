import { Alert, Button, Heading, Paragraph, Spinner } from '@digdir/designsystemet-react'
import { useCallback, useEffect, useState } from 'preact/hooks'
import type { EncryptionKey } from '../../../../typescript/src/index.js'
import { CopyButton } from '../../components/copyButton.js'
import { Fact } from '../../components/fact.js'
import { focusOnHeading } from '../../components/focus.js'
import { FormDialog } from '../../components/formDialog.js'
import { ProblemAlert } from '../../components/problemAlert.js'
import { timeText } from '../../format/times.js'
import { useAnnounce, useSession, useTexts } from '../../state/context.js'
import { NewKey } from './newKey.js'
import { PublishKey } from './publishKey.js'

/** The key that the organisation has published for a resource, and how to change it. */
export function ResourceKey({ resource }: { resource: string }) {
  const { keys: texts, locale } = useTexts()
  const { broker, organization } = useSession()
  const announce = useAnnounce()
  const [found, setFound] = useState<EncryptionKey>()
  const [error, setError] = useState<unknown>()
  const [done, setDone] = useState<string>()
  const [withdrawal, setWithdrawal] = useState<{ error?: unknown }>()

  const load = useCallback(() => {
    setError(undefined)
    broker.getEncryptionKeys(resource, [organization]).then(([key]) => setFound(key), setError)
  }, [broker, resource, organization])
  useEffect(load, [load])

  /** @throws when Broker refuses. */
  const publish = async (publicKey: string | null) => {
    setFound(await broker.publishEncryptionKey(resource, publicKey))
    const says = publicKey === null ? texts.withdrawn : texts.published
    setDone(says)
    announce(says)
    focusOnHeading()
  }
  const withdraw = () =>
    publish(null).then(
      () => setWithdrawal(undefined),
      (error: unknown) => setWithdrawal({ error }),
    )

  if (error !== undefined) return <ProblemAlert error={error} onRetry={load} />
  if (!found) return <Spinner aria-label={texts.loading} />
  const { publicKey, published } = found
  return (
    <>
      {done && <Alert data-color="success">{done}</Alert>}
      <section aria-labelledby="published-key">
        <Heading level={2} data-size="sm" id="published-key">
          {texts.publishedKey}
        </Heading>
        {publicKey === null ? (
          <Paragraph>{texts.none}</Paragraph>
        ) : (
          <dl className="facts">
            <Fact name={texts.publicKey}>
              <code>{publicKey}</code>
              <CopyButton what={texts.publicKey} text={publicKey} />
            </Fact>
            {published && (
              <Fact name={texts.since}>
                <time dateTime={published}>{timeText(published, locale)}</time>
              </Fact>
            )}
          </dl>
        )}
        {publicKey !== null && (
          <Button variant="secondary" data-color="danger" onClick={() => setWithdrawal({})}>
            {texts.withdraw}
          </Button>
        )}
      </section>
      <Alert data-color="warning">{texts.warning}</Alert>
      <NewKey resource={resource} onPublish={publish} />
      <PublishKey onPublish={publish} />
      <FormDialog
        isOpen={withdrawal !== undefined}
        onClose={() => setWithdrawal(undefined)}
        onSubmit={() => void withdraw()}
        title={texts.withdrawTitle}
        help={texts.withdrawHelp}
        submit={texts.withdrawYes}
        cancel={texts.withdrawNo}
        isDangerous
        error={withdrawal?.error}
      >
        {null}
      </FormDialog>
    </>
  )
}
