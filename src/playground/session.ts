// What the browser stores: the tabs and the theme. The access token is stored for the session of this browser tab only. Other
// headers are never stored.
import { type Tabs, toTab } from './tabs.js'

const TOKEN = 'files-playground:token'
const THEME = 'files-playground:theme'

export type Theme = 'light' | 'dark'

/** A browser that does not allow storage throws at the first use. */
function attempt<T>(use: () => T): T | undefined {
  try {
    return use()
  } catch {
    return undefined
  }
}

export function readToken(): string {
  return attempt(() => sessionStorage.getItem(TOKEN)) ?? ''
}

export function keepToken(token: string): void {
  attempt(() => (token === '' ? sessionStorage.removeItem(TOKEN) : sessionStorage.setItem(TOKEN, token)))
}

/** The theme that was chosen; without a choice, the system's is used. */
export function readTheme(): Theme | undefined {
  const theme = attempt(() => localStorage.getItem(THEME))
  return theme === 'light' || theme === 'dark' ? theme : undefined
}

export function keepTheme(theme: Theme): void {
  attempt(() => localStorage.setItem(THEME, theme))
}

/**
 * Each upstream has its own tabs: an id that was free to look up in the sandbox must not reappear where a look-up costs
 * money.
 */
const toKey = (upstream: string) => `files-playground:${upstream}:tabs`

export function readTabs(upstream: string): Tabs | undefined {
  return attempt(() => {
    const { list, activeId } = JSON.parse(localStorage.getItem(toKey(upstream)) ?? 'null')
    const tabs = (list as Record<string, unknown>[]).map(({ id, query, variables }) =>
      toTab({ query: String(query), variables: String(variables) }, String(id)),
    )
    return tabs.length > 0 ? { list: tabs, activeId: String(activeId) } : undefined
  })
}

export function keepTabs(upstream: string, { list, activeId }: Tabs): void {
  const kept = list.map(({ id, query, variables }) => ({ id, query, variables }))
  attempt(() => localStorage.setItem(toKey(upstream), JSON.stringify({ list: kept, activeId })))
}
