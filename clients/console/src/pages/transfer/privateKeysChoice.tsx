import { Button, Heading, Paragraph } from '@digdir/designsystemet-react'
import { useState } from 'preact/hooks'
import { FileChooser } from '../../components/fileChooser.js'
import { useAnnounce, useSession, useTexts } from '../../state/context.js'
import { useObservable } from '../../state/observable.js'
import { privateKeysOf, readPrivateKeys } from '../../state/privateKeys.js'
import type { ChosenFile } from '../../state/sending/keptFiles.js'

/** The private keys by which the files of a recipient are decrypted in the page. */
export function PrivateKeysChoice() {
  const texts = useTexts()
  const chosen = privateKeysOf(useSession())
  const keys = useObservable(chosen)
  const announce = useAnnounce()
  const [isWrong, setWrong] = useState(false)

  const change = (next: string[], says: string) => {
    chosen.set(next)
    announce(says)
    // What had the focus is gone.
    document.getElementById('private-keys-title')?.focus()
  }
  const choose = async ([first]: ChosenFile[]) => {
    const found = first && (await readPrivateKeys(first.file).catch(() => undefined))
    setWrong(!found)
    if (found) change(found, texts.privateKeysChosen(found.length))
  }
  return (
    <section aria-labelledby="private-keys-title" className="stack">
      <Heading level={2} data-size="sm" id="private-keys-title" tabIndex={-1}>
        {texts.privateKeys}
      </Heading>
      {keys.length > 0 ? (
        <div className="choices">
          <Paragraph>{texts.privateKeysChosen(keys.length)}</Paragraph>
          <Button variant="secondary" data-size="sm" onClick={() => change([], texts.privateKeysForgotten)}>
            {texts.forgetPrivateKeys}
          </Button>
        </div>
      ) : (
        <>
          <Paragraph>{texts.privateKeysHelp}</Paragraph>
          <FileChooser
            id="private-keys"
            label={texts.choosePrivateKeys}
            onChoose={(files) => void choose(files)}
            error={isWrong ? texts.noPrivateKeys : undefined}
          />
        </>
      )}
    </section>
  )
}
