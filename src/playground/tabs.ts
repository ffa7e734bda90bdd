// The open tabs: their contents, and which one is active.
import type { Operation } from './operation.js'

export type Tab = Operation & {
  readonly id: string
  /** JSON; kept only in memory, since it may contain secrets. */
  readonly headers: string
  /** Grows when something other than typing changes the tab. Then the editors take over its texts. */
  readonly revision: number
}

export type Tabs = { readonly list: readonly Tab[]; readonly activeId: string }

export type TabAction =
  | { readonly kind: 'open'; readonly operation: Operation; readonly id: string }
  /** Uses the tab that has this query already, if there is one. */
  | { readonly kind: 'ask'; readonly operation: Operation; readonly id: string }
  | { readonly kind: 'type' | 'edit'; readonly change: Partial<Pick<Tab, 'query' | 'variables' | 'headers'>> }
  | { readonly kind: 'show' | 'close'; readonly id: string }

export const toTab = (operation: Operation, id: string): Tab => ({
  ...operation,
  id,
  headers: '',
  revision: 0,
})

export function findActive({ list, activeId }: Tabs): Tab {
  return list.find(({ id }) => id === activeId) ?? list[0] ?? toTab({ query: '', variables: '' }, 'none')
}

export function changeTabs(tabs: Tabs, action: TabAction): Tabs {
  switch (action.kind) {
    case 'open':
      return { list: [...tabs.list, toTab(action.operation, action.id)], activeId: action.id }
    case 'ask': {
      const { query, variables } = action.operation
      const same = findSame(tabs, query)
      if (!same) return changeTabs(tabs, { ...action, kind: 'open' })
      return changeTabs({ ...tabs, activeId: same.id }, { kind: 'edit', change: { variables } })
    }
    case 'type':
      return changeActive(tabs, (tab) => ({ ...tab, ...action.change }))
    case 'edit':
      return changeActive(tabs, (tab) => ({ ...tab, ...action.change, revision: tab.revision + 1 }))
    case 'show':
      return { ...tabs, activeId: action.id }
    case 'close':
      return close(tabs, action.id)
    default:
      return action satisfies never
  }
}

function changeActive(tabs: Tabs, change: (tab: Tab) => Tab): Tabs {
  return { ...tabs, list: tabs.list.map((tab) => (tab.id === tabs.activeId ? change(tab) : tab)) }
}

/** A tab with this query; the active one is preferred. */
export function findSame(tabs: Tabs, query: string): Tab | undefined {
  return [findActive(tabs), ...tabs.list].find((tab) => tab.query === query)
}

/** The last tab cannot be closed. If the active tab is closed, its neighbour becomes active. */
function close({ list, activeId }: Tabs, closed: string): Tabs {
  const at = list.findIndex(({ id }) => id === closed)
  const others = list.filter(({ id }) => id !== closed)
  const neighbour = others[Math.min(at, others.length - 1)]
  if (at < 0 || !neighbour) return { list, activeId }
  return { list: others, activeId: activeId === closed ? neighbour.id : activeId }
}
