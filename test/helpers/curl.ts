// Reads a printed `curl` command, so that tests run what users paste, without needing curl.

export type CurlRequest = { readonly url: string; readonly init: RequestInit }

/** Understands `curl URL -H 'name: value' -d 'body'`, in single quotes, and nothing more. */
export function parseCurl(command: string): CurlRequest {
  const [, url, rest = ''] = /^curl (\S+)(.*)$/s.exec(command.trim()) ?? []
  if (url === undefined) throw new Error(`not a curl command: ${command}`)
  const options = [...rest.matchAll(/\s-(H|d) '([^']*)'/g)]
  if (options.map(([text]) => text).join('') !== rest)
    throw new Error(`an option that is not understood: ${rest}`)
  const headers = options.filter(([, flag]) => flag === 'H').map(([, , value = '']) => value.split(/: (.*)/s))
  const body = options.find(([, flag]) => flag === 'd')?.[2]
  return {
    url,
    init: {
      method: body === undefined ? 'GET' : 'POST',
      headers: headers.map(([name = '', value = '']): [string, string] => [name, value]),
      ...(body === undefined ? {} : { body }),
    },
  }
}
