import { Paragraph, Textfield } from '@digdir/designsystemet-react'
import { useState } from 'preact/hooks'
import { PageHeading } from '../../components/pageHeading.js'
import { useSession, useTexts } from '../../state/context.js'
import { ResourceSelect } from '../resourceSelect.js'
import { ResourceKey } from './resourceKey.js'

/** The public keys by which files are encrypted for the organisation, one for each resource. */
export function KeysPage() {
  const texts = useTexts()
  const { resources } = useSession()
  const [resource, setResource] = useState(resources[0]?.id ?? '')
  return (
    <>
      <PageHeading title={texts.keys.title} />
      <div className="stack">
        <Paragraph>{texts.keys.intro}</Paragraph>
        {resources.length > 0 ? (
          <ResourceSelect value={resource} onChange={setResource} />
        ) : (
          // At the end of the typing: not each letter is a resource.
          <Textfield
            label={texts.resource}
            defaultValue={resource}
            onChange={(event) => setResource(event.currentTarget.value.trim())}
          />
        )}
        {resource !== '' && <ResourceKey key={resource} resource={resource} />}
      </div>
    </>
  )
}
