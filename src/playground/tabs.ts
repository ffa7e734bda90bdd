// The open tabs: what each holds, and which one is looked at.
import type { Operation } from './operation.js'

export type Tab = Operation & {
  readonly id: string
  /** JSON; kept in memory alone, since secrets go there. */
  readonly headers: string
  /** Grows when something else than typing changes it: then the editors take what stands here. */
  readonly revision: number
}

export type Tabs = { readonly list: readonly Tab[]; readonly activeId: string }

export type TabAction =
  | { readonly kind: 'open'; readonly operation: Operation; readonly id: string }
  /** In a tab that asks the same of another file, if there is one. */
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

/** A tab of this very query; rather the one that is looked at. */
export function findSame(tabs: Tabs, query: string): Tab | undefined {
  return [findActive(tabs), ...tabs.list].find((tab) => tab.query === query)
}

/** The last one stays; beside the one that was looked at, its neighbour is shown. */
function close({ list, activeId }: Tabs, closed: string): Tabs {
  const at = list.findIndex(({ id }) => id === closed)
  const others = list.filter(({ id }) => id !== closed)
  const neighbour = others[Math.min(at, others.length - 1)]
  if (at < 0 || !neighbour) return { list, activeId }
  return { list: others, activeId: activeId === closed ? neighbour.id : activeId }
}
