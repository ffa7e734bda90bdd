// The form for the access token. The token is sent with every operation, and forgotten when the browser tab is closed.
import { type FormEvent, useId } from 'react'

export type TokenFormProps = {
  /** Whether the server requires a token. */
  readonly isNeeded: boolean
  readonly token: string
  /** Whether the server refused the token. */
  readonly isRefused: boolean
  readonly onToken: (token: string) => void
}

export function TokenForm({ isNeeded, token, isRefused, onToken }: TokenFormProps) {
  const id = useId()
  if (!isNeeded && !isRefused) return null
  const isWrong = isRefused && token !== ''

  function use(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault()
    const text = new FormData(event.currentTarget).get('token')
    if (typeof text === 'string' && text.trim() !== '') onToken(text.trim().replace(/^Bearer +/i, ''))
  }

  if (token !== '' && !isRefused) {
    return (
      <p className="token">
        An access token is in use.{' '}
        <button type="button" onClick={() => onToken('')}>
          Forget it
        </button>
      </p>
    )
  }
  return (
    <form className="token" onSubmit={use}>
      <label htmlFor={id}>
        {isWrong ? (
          <span role="alert" className="wrong">
            The server refused this access token. Another one:
          </span>
        ) : (
          'This server asks for an access token:'
        )}
      </label>
      <input
        id={id}
        name="token"
        type="password"
        aria-invalid={isWrong}
        autoComplete="off"
        placeholder="Kept until this tab is closed"
      />
      <button type="submit">Use it</button>
    </form>
  )
}
