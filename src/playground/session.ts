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
  const namespace = `files-playground:${upstream}`
  return isAllowed ? withoutHeaders(createLocalStorage({ namespace })) : createMemoryStorage()
}

/** Where the history keeps what was run, and what of it was marked. */
const HISTORY_KEYS = ['graphiql:queries', 'graphiql:favorites']

/** The history keeps the headers of what was run, whatever GraphiQL is told: they are left out here. */
function withoutHeaders(storage: Storage): Storage {
  const strip = (text: string) =>
    JSON.stringify(JSON.parse(text, (name, value: unknown) => (name === 'headers' ? undefined : value)))
  return {
    getItem: (key) => storage.getItem(key),
    setItem: (key, value) => storage.setItem(key, HISTORY_KEYS.includes(key) ? strip(value) : value),
    removeItem: (key) => storage.removeItem(key),
    clear: () => storage.clear(),
    get length() {
      return storage.length
    },
  }
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
