// What the browser keeps. The access token is kept for this tab's session only, and nothing else of a request's headers
// is kept at all.
import { createLocalStorage, type Storage } from '@graphiql/toolkit'

const TOKEN = 'files-playground:token'

/** A browser that keeps nothing for this site throws at the first use. */
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

/**
 * Where the tabs are kept. Each upstream has its own: an id that was free to ask for in the sandbox must not come up
 * again where it costs something.
 */
export function createTabStorage(upstream: string): Storage {
  const isAllowed = attempt(() => localStorage.length) !== undefined
  return isAllowed ? createLocalStorage({ namespace: `files-playground:${upstream}` }) : createMemoryStorage()
}

/** Whether no tabs were kept yet, by the name under which GraphiQL keeps them. */
export function isFresh(storage: Storage): boolean {
  return !storage.getItem('graphiql:tabState')
}

function createMemoryStorage(): Storage {
  const items = new Map<string, string>()
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => items.set(key, value),
    removeItem: (key) => items.delete(key),
    clear: () => items.clear(),
    get length() {
      return items.size
    },
  }
}
