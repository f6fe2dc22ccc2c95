import '@fontsource-variable/inter/wght.css'
import '@digdir/designsystemet-css'
import '@digdir/designsystemet-theme/altinn.css'
import './style.css'
import { render } from 'preact'
import { App } from './app.js'
import { applyPreferences } from './state/preferences.js'

applyPreferences()
const root = document.getElementById('console')
if (root) render(<App />, root)
