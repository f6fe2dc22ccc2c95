import { Button, Heading, Textfield } from '@digdir/designsystemet-react'
import { useState } from 'preact/hooks'
import { isPublicKey } from '../../../../typescript/src/encryption/keys.js'
import { BrokerProblem } from '../../../../typescript/src/index.js'
import { ProblemAlert } from '../../components/problemAlert.js'
import { useTexts } from '../../state/context.js'

type Props = {
  /** @throws when Broker refuses. */
  onPublish: (publicKey: string) => Promise<void>
}

/** Publishes a public key that was made elsewhere. */
export function PublishKey({ onPublish }: Props) {
  const { keys: texts } = useTexts()
  const [typed, setTyped] = useState('')
  const [isWrong, setWrong] = useState(false)
  const [error, setError] = useState<unknown>()

  const publish = async () => {
    const key = typed.trim()
    setError(undefined)
    setWrong(!isPublicKey(key))
    if (!isPublicKey(key)) return document.getElementById('public-key')?.focus()
    await onPublish(key).then(
      () => setTyped(''),
      // Its last characters are a checksum, which Broker verifies.
      (refused: unknown) => (isOfKey(refused) ? setWrong(true) : setError(refused)),
    )
  }
  return (
    <section aria-labelledby="own-key">
      <form
        className="stack"
        noValidate
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault()
          void publish()
        }}
      >
        <Heading level={2} data-size="sm" id="own-key">
          {texts.ownKey}
        </Heading>
        <Textfield
          id="public-key"
          label={texts.publicKey}
          description={texts.ownKeyHelp}
          value={typed}
          error={isWrong ? texts.isNoKey : undefined}
          onInput={({ currentTarget: { value } }) => setTyped(value)}
        />
        {error !== undefined && <ProblemAlert error={error} />}
        <Button type="submit" variant="secondary">
          {texts.publish}
        </Button>
      </form>
    </section>
  )
}

const isOfKey = (error: unknown) =>
  error instanceof BrokerProblem && Object.keys(error.errors).some((name) => name.toLowerCase() === 'publickey')
