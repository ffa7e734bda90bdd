// The page: reads what serves, and what the address says to open, and draws.
import '@graphiql/react/setup-workers/vite'
import '@graphiql/react/style.css'
import '@graphiql/plugin-doc-explorer/style.css'
import '@graphiql/plugin-explorer/style.css'
import '@graphiql/plugin-history/style.css'
import 'graphiql/graphiql.css'
import './playground.css'
import { createRoot } from 'react-dom/client'
import { fetchFacts } from './facts.js'
import { Page } from './page.js'
import { parseShareLink } from './share.js'

async function main(root: HTMLElement): Promise<void> {
  const shared = parseShareLink(location.hash)
  const isBroken = location.hash.length > 1 && shared === undefined
  // What it carried is in a tab from here on. A link that is pasted into this page's address bar is opened anew.
  history.replaceState(null, '', location.pathname)
  addEventListener('hashchange', () => location.reload())
  try {
    const facts = await fetchFacts()
    createRoot(root).render(<Page facts={facts} shared={shared} isBroken={isBroken} />)
  } catch (reason) {
    root.textContent = `The playground can not start: ${reason instanceof Error ? reason.message : reason}`
  }
}

const root = document.getElementById('root')
if (root) await main(root)
