// The tests that judge changes to `client`, `cache` and `wire`: all but those that start the built server, a browser or
// a gateway, which would not see such a change, and those of other rooms, which would only take their time.
import { configDefaults, mergeConfig } from 'vitest/config'
import base from '../vitest.config.js'

const OTHERS = [
  ...[
    'access',
    'audits',
    'clients',
    'composition',
    'config*',
    'deploy',
    'drain',
    'entities',
    'gateways',
    'hostile',
  ],
  ...[
    'http',
    'instances',
    'limits',
    'log',
    'package',
    'persisted',
    'playground*',
    'process',
    'readme',
    'rooms',
  ],
  ...['sandbox', 'schema', 'secrets', 'server', 'trace', 'usage'],
]

export default mergeConfig(base, {
  test: { exclude: [...configDefaults.exclude, ...OTHERS.map((name) => `test/${name}.test.ts`)] },
})
