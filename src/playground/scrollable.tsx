// Text that scrolls by itself, and can be reached by keyboard to do so.
import type { ReactNode } from 'react'

type ScrollableProps = { readonly label: string; readonly children: ReactNode }

export function Scrollable({ label, children }: ScrollableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className="scrollable" aria-label={label} tabIndex={0}>
      <pre>{children}</pre>
    </section>
  )
}
