// Shows or plays a file from its `contentUrl`.
import { useEffect, useState } from 'react'
import { toUrl } from './here.js'
import { Icon } from './icon.js'
import { Scrollable } from './scrollable.js'
import { isSpeech, type SeenFile, toLook } from './seen.js'

/** Enough for the first lines. */
const TEXT_BYTES = 600

type PreviewProps = {
  readonly file: SeenFile
  /** Whether it is shown without a press, since that costs nothing. */
  readonly isShownAtOnce: boolean
}

export function Preview({ file, isShownAtOnce }: PreviewProps) {
  const [isShown, setShown] = useState(isShownAtOnce)
  const [isBroken, setBroken] = useState(false)
  const look = toLook(file)
  if (file.ticket === undefined || look === 'other' || isBroken)
    return (
      <div className="preview">
        <Icon name={look} />
        {isBroken && <span>This file cannot be shown. Run the operation again for a new link.</span>}
      </div>
    )
  if (!isShown)
    return (
      <div className="preview">
        <button type="button" onClick={() => setShown(true)}>
          <Icon name={look} />
          Show it
        </button>
      </div>
    )
  const source = toUrl(`content/${file.ticket}${isSpeech(file) ? '?member=audio' : ''}`).href
  return (
    <div className={`preview ${look}`}>
      <Media
        look={look}
        source={source}
        name={file.filename ?? 'the file'}
        onBroken={() => setBroken(true)}
      />
    </div>
  )
}

type MediaProps = {
  readonly look: 'image' | 'video' | 'sound' | 'text'
  readonly source: string
  readonly name: string
  readonly onBroken: () => void
}

function Media({ look, source, name, onBroken }: MediaProps) {
  switch (look) {
    case 'image':
      return <img src={source} alt={name} loading="lazy" onError={onBroken} />
    case 'video':
      // With the fragment, phones show a frame before it plays.
      return (
        // biome-ignore lint/a11y/useMediaCaption: an account's videos have no captions
        <video
          src={`${source}#t=0.1`}
          controls
          playsInline
          preload="metadata"
          aria-label={name}
          onError={onBroken}
        />
      )
    case 'sound':
      return (
        <>
          <Icon name="sound" />
          {/* biome-ignore lint/a11y/useMediaCaption: an account's sounds have no captions */}
          <audio src={source} controls preload="metadata" aria-label={name} onError={onBroken} />
        </>
      )
    case 'text':
      return <FirstLines source={source} name={name} onBroken={onBroken} />
    default:
      return look satisfies never
  }
}

function FirstLines({ source, name, onBroken }: Omit<MediaProps, 'look'>) {
  const [text, setText] = useState('')
  // biome-ignore lint/correctness/useExhaustiveDependencies: each source is read once
  useEffect(() => {
    const left = new AbortController()
    const headers = { range: `bytes=0-${TEXT_BYTES - 1}` }
    fetch(source, { headers, credentials: 'omit', signal: left.signal })
      .then((response) => (response.ok ? response.text() : Promise.reject(response)))
      .then((start) => setText(start.slice(0, TEXT_BYTES)))
      .catch(() => left.signal.aborted || onBroken())
    return () => left.abort()
  }, [source])
  return <Scrollable label={`First lines of ${name}`}>{text}</Scrollable>
}
