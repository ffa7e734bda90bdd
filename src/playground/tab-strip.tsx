// The tabs. They are a list of buttons and not ARIA tabs, since each has a button to close it.
import { useEffect, useRef } from 'react'
import { Icon } from './icon.js'
import { toTitle } from './operation.js'
import type { Tabs } from './tabs.js'

type TabStripProps = {
  readonly tabs: Tabs
  readonly onShow: (id: string) => void
  readonly onClose: (id: string) => void
  readonly onOpen: () => void
}

export function TabStrip({ tabs: { list, activeId }, onShow, onClose, onOpen }: TabStripProps) {
  const active = useRef<HTMLLIElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of the active tab scrolls it into view
  useEffect(() => {
    active.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [activeId])
  return (
    <nav className="tabs" aria-label="Operations">
      <ul>
        {list.map(({ id, query }) => {
          const title = toTitle(query)
          const isActive = id === activeId
          return (
            <li key={id} ref={isActive ? active : undefined} className={isActive ? 'active' : undefined}>
              <button type="button" aria-current={isActive ? 'page' : undefined} onClick={() => onShow(id)}>
                {title}
              </button>
              {list.length > 1 && (
                <button
                  type="button"
                  className="close"
                  aria-label={`Close ${title}`}
                  onClick={() => onClose(id)}
                >
                  <Icon name="close" />
                </button>
              )}
            </li>
          )
        })}
        <li>
          <button type="button" className="add" aria-label="New tab" title="New tab" onClick={onOpen}>
            <Icon name="add" />
          </button>
        </li>
      </ul>
    </nav>
  )
}
