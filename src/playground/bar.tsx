// The bar at the top: the upstream and its price, the access token if one is needed, and the latest message.
import type { Facts } from './facts.js'
import { ThemeButton } from './theme-button.js'
import { TokenForm, type TokenFormProps } from './token-form.js'

type BarProps = Omit<TokenFormProps, 'isNeeded'> & {
  readonly facts: Facts
  readonly message: string
}

const NAMES = { sandbox: 'Sandbox', cometapi: 'CometAPI', minimax: 'MiniMax' }

export function Bar({ facts, message, ...token }: BarProps) {
  const isPaid = facts.upstream !== 'sandbox'
  return (
    <header className="bar">
      <h1>MiniMax files</h1>
      <p className={isPaid ? 'pill paid' : 'pill'}>{NAMES[facts.upstream]}</p>
      <p className="notice">{isPaid ? toPaidNotice(facts) : 'Made-up files, and nothing is paid.'}</p>
      {facts.introspection || (
        <p className="notice">
          The schema cannot be read here, so there are no docs and no completion. Queries still run.
        </p>
      )}
      <TokenForm isNeeded={facts.needsToken} {...token} />
      <ThemeButton />
      <p className="message" role="status">
        {message}
      </p>
    </header>
  )
}

function toPaidNotice({ pricePerCallUsd }: Facts): string {
  return `Each new file costs $${pricePerCallUsd}, and so does each retry. Known files are reused for free. Nothing runs by itself.`
}
