// The entry of the page: fetches the facts about the server, reads a shared link, and renders.
import './colours.css'
import './layout.css'
import './controls.css'
import './editors.css'
import './answer.css'
import './panel.css'
import { createRoot } from 'react-dom/client'
import type { Facts } from './facts.js'
import { toUrl } from './here.js'
import { Page } from './page.js'
import { parseShareLink } from './share.js'

async function fetchFacts(): Promise<Facts> {
  const response = await fetch(toUrl('playground.json'))
  if (!response.ok) throw new Error(`The server answered HTTP ${response.status}.`)
  return (await response.json()) as Facts
}

async function main(root: HTMLElement): Promise<void> {
  const shared = parseShareLink(location.hash)
  const isBroken = location.hash.length > 1 && shared === undefined
  // The shared operation is opened in a tab, so it leaves the address. Pasting another link here reloads the page.
  history.replaceState(null, '', location.pathname)
  addEventListener('hashchange', () => location.reload())
  try {
    const facts = await fetchFacts()
    createRoot(root).render(<Page facts={facts} shared={shared} isBroken={isBroken} />)
  } catch (reason) {
    root.textContent = `The playground cannot start: ${reason instanceof Error ? reason.message : reason}`
  }
}

const root = document.getElementById('root')
if (root) await main(root)
