// The address of the page. All requests are relative to it, so that they work on any host and behind any path prefix.

export function toUrl(path: string): URL {
  return new URL(path, document.baseURI)
}

/** The address of the page without query and fragment. */
export function toPageUrl(): string {
  return `${location.origin}${location.pathname}`
}

/** Resolves to whether it was copied: browsers allow it only on https and on loopback. */
export async function copy(text: string): Promise<boolean> {
  const written = navigator.clipboard?.writeText(text).then(
    () => true,
    () => false,
  )
  return (await written) ?? false
}
