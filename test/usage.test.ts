// What the command says besides serving.
import { expect, it } from 'vitest'
import { toHelp, toNotes, toVersion } from '../src/usage.js'
import { variables } from '../src/variables.js'

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
  }
  expect(toNotes(env, 'cometapi')).toEqual([])
  expect(toNotes({ COMETAPI_KEY: 'x' })).toEqual([])
})
