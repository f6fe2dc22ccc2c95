import '@fontsource-variable/inter/wght.css'
import '@digdir/designsystemet-css'
import '@digdir/designsystemet-theme/altinn.css'
import './style.css'
import './sending.css'
import { render } from 'preact'
import { App } from './app.js'
import { applyPreferences } from './state/preferences.js'

// A file that is dropped beside the area for it would be opened instead of the page.
for (const type of ['dragover', 'drop'] as const) {
  addEventListener(type, (event) => {
    if (event.defaultPrevented || !event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    event.dataTransfer.dropEffect = 'none'
  })
}

applyPreferences()
const root = document.getElementById('console')
if (root) render(<App />, root)
