// Below the response: what it cost.
import { useGraphiQL } from '@graphiql/react'
import { useEffect, useMemo, useRef } from 'react'
import { type Cost, readCost, toCostText } from './cost.js'

export function Footer() {
  const response = useGraphiQL(({ tabs, activeTabIndex }) => tabs[activeTabIndex]?.response) ?? ''
  const cost = useMemo(() => readCost(response), [response])
  const place = useRef<HTMLParagraphElement>(null)
  useEffect(() => {
    // On a phone the answer, which this stands above, is below what can be seen.
    const isNarrow = matchMedia('(max-width: 700px)').matches
    if (response !== '' && isNarrow) place.current?.scrollIntoView({ block: 'start' })
  }, [response])
  return (
    <p className="cost" role="status" ref={place}>
      {cost ? (
        <span className={toClass(cost)}>{toCostText(cost)}</span>
      ) : (
        'What an answer cost is shown here.'
      )}
    </p>
  )
}

/** In the colour of money only what was paid, and in that of success only what was reused. */
function toClass({ calls, simulated, failed }: Cost): string {
  if (calls > 0) return simulated ? 'pill' : 'pill paid'
  return failed ? 'pill' : 'pill free'
}
