// Where this page stands. Everything is asked for relative to it, so that neither host nor path prefix matters.

export function toUrl(path: string): URL {
  return new URL(path, document.baseURI)
}

/** The page itself, without what its address carries. */
export function toPageUrl(): string {
  return `${location.origin}${location.pathname}`
}

/** Whether it was copied: browsers give the clipboard to pages on https and on loopback only. */
export async function copy(text: string): Promise<boolean> {
  const written = navigator.clipboard?.writeText(text).then(
    () => true,
    () => false,
  )
  return (await written) ?? false
}
