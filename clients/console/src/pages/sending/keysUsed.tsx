import { Details, Paragraph } from '@digdir/designsystemet-react'
import type { EncryptionKey } from '../../../../typescript/src/index.js'
import { OrganizationName } from '../../components/organizationName.js'
import { useTexts } from '../../state/context.js'

const SHOWN = 20

/** The public keys that a file is encrypted for, to be compared. */
export function KeysUsed({ keys }: { keys: EncryptionKey[] }) {
  const texts = useTexts()
  return (
    <Details data-size="sm" className="folded">
      <Details.Summary>{texts.keysUsed}</Details.Summary>
      <Details.Content>
        <Paragraph data-size="sm">{texts.keysUsedHelp}</Paragraph>
        <ul className="chosen">
          {keys.slice(0, SHOWN).map(({ organization, publicKey }) => (
            <li key={organization}>
              <span>
                <OrganizationName party={organization} />: <code>{publicKey}</code>
              </span>
            </li>
          ))}
          {keys.length > SHOWN && <li>{texts.andMore(keys.length - SHOWN)}</li>}
        </ul>
      </Details.Content>
    </Details>
  )
}
