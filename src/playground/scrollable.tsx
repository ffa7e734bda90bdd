// Text in a box that scrolls, by keyboard too.
import type { ReactNode } from 'react'

type ScrollableProps = { readonly label: string; readonly children: ReactNode }

export function Scrollable({ label, children }: ScrollableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section className="scrollable" aria-label={label} tabIndex={0}>
      <pre>{children}</pre>
    </section>
  )
}
