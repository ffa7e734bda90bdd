// What the command says besides serving.
import { expect, it } from 'vitest'
import { variables } from '../src/config/settings.js'
import { toHelp, toNotes, toVersion } from '../src/config/usage.js'

it('lists every variable in its help', () => {
  for (const name of Object.keys(variables)) expect(toHelp().join('\n')).toContain(`  ${name} `)
  expect(toHelp()).toContainEqual(
    expect.stringMatching(/^ {2}PORT +an integer from 0 to 65535; 4000 if not set$/),
  )
})

it('knows its version', () => {
  expect(toVersion()).toMatch(/^\d+\.\d+\.\d+/)
})

it.each([
  [{ COMET_API_KEY: 'x' }, 'sandbox', 'COMET_API_KEY is set, but is not read: COMETAPI_KEY is.'],
  [{ MINIMAX_API_HOST: 'x' }, 'minimax', 'MINIMAX_API_HOST is set, but is no variable of this server.'],
  [{ COMETAPI_KEY: 'x' }, 'minimax', 'COMETAPI_KEY is set, but not used: the upstream is minimax.'],
  [{ MINIMAX_GROUP_ID: '1' }, 'sandbox', 'MINIMAX_GROUP_ID is set, but not used: the upstream is sandbox.'],
  [{ ACCESS_TOKEN: 'x' }, 'sandbox', 'ACCESS_TOKEN is set, but is not read: ACCESS_TOKENS is.'],
  [{ ACESS_TOKENS: 'x' }, 'sandbox', 'ACESS_TOKENS is set, but is not read: ACCESS_TOKENS is.'],
  [{ REDIS_URI: 'x' }, 'sandbox', 'REDIS_URI is set, but is not read: REDIS_URL is.'],
  [
    { SPEND_LIMIT_USD: '1' },
    'sandbox',
    'SPEND_LIMIT_USD is set, but is not read: SPEND_LIMIT_USD_PER_DAY is.',
  ],
  [{ CACHE_TTL: '1' }, 'sandbox', 'CACHE_TTL is set, but is not read: CACHE_TTL_SECONDS is.'],
])('notes what was set in vain: %o', (env, upstream, note) => {
  expect(toNotes(env, upstream)).toEqual([note])
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
  }
  expect(toNotes(env, 'cometapi')).toEqual([])
  expect(toNotes({ COMETAPI_KEY: 'x' })).toEqual([])
})
