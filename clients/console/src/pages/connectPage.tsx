import { Button, Paragraph, Textfield } from '@digdir/designsystemet-react'
import { useState } from 'preact/hooks'
import { organizationIn } from '../../../typescript/src/index.js'
import { organizationNumber } from '../../../typescript/src/wire/organization.js'
import { FaultSummary } from '../components/faultSummary.js'
import { PageHeading } from '../components/pageHeading.js'
import { useTexts } from '../state/context.js'
import type { Connection } from '../state/session.js'

type Fields = 'brokerUrl' | 'organization' | 'token'

/** Asks for the address of Broker and a token, when the page is not served by the local stack. */
export function ConnectPage({ onConnect }: { onConnect: (connection: Connection) => void }) {
  const texts = useTexts()
  const [faults, setFaults] = useState<Partial<Record<Fields, string>>>({})
  const [attempt, setAttempt] = useState(0)

  const submit = (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const field = (name: string) => String(form.get(name) ?? '').trim()
    const [brokerUrl, token, subscriptionKey] = [field('brokerUrl'), field('token'), field('subscriptionKey')]
    const organization = organizationNumber(field('organization')) || organizationIn(token) || ''
    const found = {
      ...(!/^https?:\/\/\S+$/.test(brokerUrl) && { brokerUrl: texts.needsUrl }),
      ...(!/^\d{9}$/.test(organization) && { organization: texts.needsOrganization }),
      ...(!token && { token: texts.needsToken }),
    }
    setFaults(found)
    setAttempt(attempt + 1)
    if (Object.keys(found).length === 0) {
      onConnect({ brokerUrl, organization, token, ...(subscriptionKey && { subscriptionKey }) })
    }
  }
  return (
    <>
      <PageHeading title={texts.connectTitle} />
      <Paragraph>{texts.connectIntro}</Paragraph>
      <form className="stack" onSubmit={submit} noValidate autoComplete="off">
        <FaultSummary
          key={attempt}
          title={texts.connectErrorsTitle}
          faults={Object.entries(faults).map(([field, says]) => ({ field, says }))}
        />
        <Textfield
          id="brokerUrl"
          name="brokerUrl"
          type="url"
          label={texts.brokerUrl}
          description={texts.brokerUrlHelp}
          error={faults.brokerUrl}
        />
        <Textfield
          id="organization"
          name="organization"
          label={texts.organization}
          description={texts.organizationHelp}
          error={faults.organization}
        />
        <Textfield
          id="token"
          name="token"
          type="password"
          label={texts.token}
          description={texts.tokenHelp}
          error={faults.token}
        />
        <Textfield id="subscriptionKey" name="subscriptionKey" type="password" label={texts.subscriptionKey} />
        <Button type="submit">{texts.connect}</Button>
      </form>
    </>
  )
}
