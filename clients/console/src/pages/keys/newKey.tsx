import { Button, Heading, Paragraph } from '@digdir/designsystemet-react'
import { useState } from 'preact/hooks'
import { newKeyEntry } from '../../../../typescript/src/encryption/keys.js'
import { FormDialog } from '../../components/formDialog.js'
import { useSession, useTexts } from '../../state/context.js'
import { saveText } from '../../state/download.js'

type Props = {
  resource: string
  /** @throws when Broker refuses. */
  onPublish: (publicKey: string) => Promise<void>
}

/** Makes a key pair: the private key is downloaded, and the public one is published when the user has the file. */
export function NewKey({ resource, onPublish }: Props) {
  const { keys: texts } = useTexts()
  const { organization } = useSession()
  const [made, setMade] = useState<{ publicKey: string; error?: unknown }>()

  const make = async () => {
    const { publicKey, entry } = await newKeyEntry()
    saveText(entry, `broker-${organization}-${resource}-${publicKey.slice(-6)}.key`)
    setMade({ publicKey })
  }
  const publish = async (publicKey: string) => {
    await onPublish(publicKey).then(
      () => setMade(undefined),
      (error: unknown) => setMade({ publicKey, error }),
    )
  }
  return (
    <section aria-labelledby="new-key" className="stack">
      <Heading level={2} data-size="sm" id="new-key">
        {texts.newKey}
      </Heading>
      <Paragraph id="new-key-help">{texts.newKeyHelp}</Paragraph>
      <Button aria-describedby="new-key-help" onClick={() => void make()}>
        {texts.make}
      </Button>
      <FormDialog
        isOpen={made !== undefined}
        onClose={() => setMade(undefined)}
        onSubmit={() => made && void publish(made.publicKey)}
        title={texts.hasFileTitle}
        help={texts.hasFileHelp}
        submit={texts.hasFileYes}
        cancel={texts.hasFileNo}
        error={made?.error}
      >
        <code className="written">{made?.publicKey}</code>
      </FormDialog>
    </section>
  )
}
