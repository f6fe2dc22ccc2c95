import { Link, Paragraph, SkipLink, Spinner } from '@digdir/designsystemet-react'
import { useCallback, useEffect, useState } from 'preact/hooks'
import { focusOn } from './components/focus.js'
import { Header } from './components/header.js'
import { PageHeading } from './components/pageHeading.js'
import { ProblemAlert } from './components/problemAlert.js'
import { ConnectPage } from './pages/connectPage.js'
import { GroupPage } from './pages/group/groupPage.js'
import { KeysPage } from './pages/keys/keysPage.js'
import { ListPage } from './pages/lists/listPage.js'
import { OwnerPage } from './pages/owner/ownerPage.js'
import { SendPage } from './pages/sending/sendPage.js'
import { TransferPage } from './pages/transfer/transferPage.js'
import { AnnounceContext, SessionContext, TextsContext, useTexts } from './state/context.js'
import { useObservable } from './state/observable.js'
import { language } from './state/preferences.js'
import { boxHref, type Route, routeIn } from './state/route.js'
import { sendingJobsOf } from './state/sending/jobs.js'
import { useSessions } from './state/sessions.js'
import { en } from './texts/en.js'
import { nb } from './texts/nb.js'

/** The console. */
export function App() {
  const texts = { nb, en }[useObservable(language)]
  const [announcement, setAnnouncement] = useState('')
  const announce = useCallback((text: string) => setAnnouncement(text), [])
  return (
    <TextsContext.Provider value={texts}>
      <AnnounceContext.Provider value={announce}>
        <Console />
        <div role="status" aria-live="polite" className="ds-sr-only">
          {announcement}
        </div>
      </AnnounceContext.Provider>
    </TextsContext.Provider>
  )
}

function Console() {
  const texts = useTexts()
  const route = useRoute()
  const sessions = useSessions()
  const { session, isLoading, error } = sessions
  useEffect(() => {
    // Uploads that a reload has cut off go on, whatever page is open.
    if (session) sendingJobsOf(session)
  }, [session])
  return (
    <>
      <SkipLink href="#main" onClick={focusOn('main')}>
        {texts.skipToContent}
      </SkipLink>
      <Header route={route} sessions={sessions} />
      <main id="main" tabIndex={-1}>
        {error !== undefined && <ProblemAlert error={error} onRetry={sessions.load} />}
        {isLoading && <Spinner aria-label={texts.loading} />}
        {session && (
          <SessionContext.Provider value={session}>
            <Page route={route} key={`${session.organization} ${keyOf(route)}`} />
          </SessionContext.Provider>
        )}
        {!session && !isLoading && error === undefined && <ConnectPage onConnect={sessions.connect} />}
      </main>
    </>
  )
}

/** Another transfer mounts a new page; another filter does not. */
const keyOf = (route: Route) => ('id' in route ? `${route.page} ${route.id}` : route.page)

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case 'inbox':
    case 'outbox':
      return <ListPage box={route.page} query={route.query} />
    case 'send':
      return <SendPage />
    case 'owner':
      return <OwnerPage />
    case 'keys':
      return <KeysPage />
    case 'transfer':
      return <TransferPage id={route.id} />
    case 'group':
      return <GroupPage id={route.id} />
    case 'unknown':
      return <Unknown />
  }
}

function Unknown() {
  const texts = useTexts()
  return (
    <>
      <PageHeading title={texts.unknownPage} />
      <Paragraph>{texts.unknownPageHelp}</Paragraph>
      <Link href={boxHref('inbox')}>{texts.toInbox}</Link>
    </>
  )
}

function useRoute(): Route {
  const [route, setRoute] = useState(() => routeIn(location.hash))
  useEffect(() => {
    const update = () => setRoute(routeIn(location.hash))
    addEventListener('hashchange', update)
    return () => removeEventListener('hashchange', update)
  }, [])
  return route
}
