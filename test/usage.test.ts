// What the command says besides serving.
import { expect, it } from 'vitest'
import { toNotes } from '../src/config/notes.js'
import { entries } from '../src/config/settings.js'
import { toHelp, toVersion } from '../src/config/usage.js'

it('says of every setting in its help what it is for, what it takes and its default', () => {
  const help = toHelp().join('\n')
  for (const [name, { purpose, takes }] of entries) {
    const about = `  ${name}\n      ${purpose.replaceAll('`', '')}\n      takes ${takes}`
    expect(help).toContain(about)
  }
  expect(help).toMatch(/^Set these environment variables.* NODE_ENV=production /m)
  expect(help).toMatch(/\nServer\n\n? {2}HOST\n/)
  expect(help).toContain('      takes an integer from 0 to 65535; default: 4000\n')
  expect(help).toContain('      takes cometapi, minimax or sandbox; default: from the keys\n')
  expect(help).toMatch(
    / {2}HTTPS_PROXY\n.*\n.*\n {6}https_proxy takes precedence\n {6}or set HTTPS_PROXY_FILE to a file/,
  )
})

it('names a file for every secret, and for nothing else', () => {
  const named = [
    ...toHelp()
      .join('\n')
      .matchAll(/or set (\w+)_FILE to a file that contains it/g),
  ]
  expect(named.map(([, name]) => name)).toEqual([
    'COMETAPI_KEY',
    'MINIMAX_API_KEY',
    'HTTPS_PROXY',
    'HTTP_PROXY',
    'REDIS_URL',
    'ACCESS_TOKENS',
    'READ_TOKENS',
    'TICKET_SECRET',
  ])
})

it('knows its version', () => {
  expect(toVersion()).toMatch(/^\d+\.\d+\.\d+/)
})

it.each([
  [{ COMET_API_KEY: 'x' }, 'sandbox', 'COMET_API_KEY is not a setting. Did you mean COMETAPI_KEY?'],
  [{ MINIMAX_API_HOST: 'x' }, 'minimax', 'MINIMAX_API_HOST is not a setting of this server.'],
  [{ COMETAPI_KEY: 'x' }, 'minimax', 'COMETAPI_KEY is set but not used, because the upstream is minimax.'],
  [
    { MINIMAX_GROUP_ID: '1' },
    'sandbox',
    'MINIMAX_GROUP_ID is set but not used, because the upstream is sandbox.',
  ],
  [{ ACCESS_TOKEN: 'x' }, 'sandbox', 'ACCESS_TOKEN is not a setting. Did you mean ACCESS_TOKENS?'],
  [{ ACESS_TOKENS: 'x' }, 'sandbox', 'ACESS_TOKENS is not a setting. Did you mean ACCESS_TOKENS?'],
  [{ REDIS_URI: 'x' }, 'sandbox', 'REDIS_URI is not a setting. Did you mean REDIS_URL?'],
  [
    { SPEND_LIMIT_USD: '1' },
    'sandbox',
    'SPEND_LIMIT_USD is not a setting. Did you mean SPEND_LIMIT_USD_PER_DAY?',
  ],
  [{ CACHE_TTL: '1' }, 'sandbox', 'CACHE_TTL is not a setting. Did you mean CACHE_TTL_SECONDS?'],
  [{ UPSTREAM_URL_FILE: '/a' }, 'minimax', 'UPSTREAM_URL_FILE is not a setting. Did you mean UPSTREAM_URL?'],
  [{ MINIMAX_KEY_FILE: '/a' }, 'minimax', 'MINIMAX_KEY_FILE is not a setting of this server.'],
  [
    { MINIMAX_API_KEY_FILE: '/a' },
    'cometapi',
    'MINIMAX_API_KEY_FILE is set but not used, because the upstream is cometapi.',
  ],
] as const)('notes what was set in vain: %o', (env, upstream, note) => {
  expect(toNotes(env, { UPSTREAM: upstream, UPSTREAM_URL: undefined })).toEqual([note])
})

it('has nothing to say of what is read, is empty, or is somebody else’s', () => {
  const env = {
    COMETAPI_KEY: 'x',
    UPSTREAM: 'cometapi',
    PORT: '1',
    COMET_API_KEY: '',
    PATH: '/bin',
    HOME: '/',
    HOSTNAME: 'x',
    LOGNAME: 'x',
    ACCESS_KEY: 'x',
    https_proxy: 'http://proxy:1',
    HTTP_PROXY: 'http://proxy:1',
    no_proxy: '*',
    ALL_PROXY: 'socks5://proxy:1',
    FTP_PROXY: 'http://proxy:1',
    REDIS_URL_FILE: '/run/secrets/redis',
  }
  expect(toNotes(env, { UPSTREAM: 'cometapi', UPSTREAM_URL: undefined })).toEqual([])
  expect(toNotes({ COMETAPI_KEY: 'x' })).toEqual([])
})

it.each([
  ['https://api.cometapi.com/v1', '/v1'],
  ['https://api.minimaxi.com/v1/', '/v1/'],
  ['https://relay.example/minimax/v1/files', '/v1/files'],
  ['https://api.minimax.io/v1/files/retrieve', '/v1/files/retrieve'],
])('notes that the version or the whole endpoint stands in a base URL: %s', (url, ending) => {
  expect(toNotes({}, { UPSTREAM: 'minimax', UPSTREAM_URL: new URL(url) })).toEqual([
    `UPSTREAM_URL ends in ${ending}, but the server appends /v1/files/retrieve itself. Remove ${ending}.`,
  ])
})

it('has nothing to say of a base URL with a prefix of its own', () => {
  for (const url of [
    'https://api.cometapi.com',
    'https://relay.example/v1/minimax',
    'https://relay.example/v10',
  ])
    expect(toNotes({}, { UPSTREAM: 'minimax', UPSTREAM_URL: new URL(url) })).toEqual([])
})
