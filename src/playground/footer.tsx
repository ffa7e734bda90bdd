// Below the response: what it cost.
import { useGraphiQL } from '@graphiql/react'
import { useMemo } from 'react'
import { readCost, toCostText } from './cost.js'

export function Footer() {
  const response = useGraphiQL(({ tabs, activeTabIndex }) => tabs[activeTabIndex]?.response) ?? ''
  const cost = useMemo(() => readCost(response), [response])
  return (
    <p className="cost" role="status">
      {cost ? (
        <span className={cost.calls === 0 ? 'pill free' : 'pill paid'}>{toCostText(cost)}</span>
      ) : (
        'What an answer cost is shown here.'
      )}
    </p>
  )
}
