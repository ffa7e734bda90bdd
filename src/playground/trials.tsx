// The sandbox's ids that fail on request.

const TRIALS = [
  { id: '1002', note: 'MiniMax: too many requests' },
  { id: '1004', note: 'MiniMax: the key is not valid' },
  { id: '1008', note: 'MiniMax: out of funds' },
  { id: '503', note: 'an HTTP status; any from 400 to 524' },
  { id: '1', note: 'the connection is reset' },
  { id: '2', note: 'no answer at all' },
  { id: '4', note: 'a page instead of JSON' },
  { id: '8', note: 'fails twice, then answers' },
]

export function Trials({ onFile }: { readonly onFile: (id: string) => void }) {
  return (
    <details className="trials">
      <summary>Ids that fail on request</summary>
      <ul className="rows">
        {TRIALS.map(({ id, note }) => (
          <li key={id}>
            <button type="button" className="open" onClick={() => onFile(id)}>
              <span className="name">{id}</span>
              <span className="facts">{note}</span>
            </button>
          </li>
        ))}
      </ul>
    </details>
  )
}
