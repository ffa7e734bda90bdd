// The tests that judge changes to `client`, `cache` and `wire`: those of these rooms. Left out are tests that start the
// built server, a browser or a gateway, which would not see a change, and those that go through the whole server, since
// nearly each of them would have to be run for nearly each change.
import { configDefaults, mergeConfig } from 'vitest/config'
import base from '../vitest.config.js'

const OTHERS = [
  ...['access', 'audits', 'clients', 'composition', 'config*', 'deploy', 'drain', 'entities', 'errors'],
  ...['faults-connection', 'gateways', 'hostile', 'http', 'instances', 'limits', 'log', 'lookups', 'package'],
  ...['paid-once', 'persisted', 'playground*', 'process', 'readme', 'rooms', 'sandbox', 'schema', 'secrets'],
  ...['server', 'trace', 'usage'],
]

export default mergeConfig(base, {
  // Many a change makes something hang, and each would take so long.
  test: {
    testTimeout: 10_000,
    hookTimeout: 10_000,
    exclude: [...configDefaults.exclude, ...OTHERS.map((name) => `test/${name}.test.ts`)],
  },
})
