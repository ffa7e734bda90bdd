import { createRequire } from 'node:module'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/*.test.ts'],
    testTimeout: 20_000,
    maxWorkers: '100%', // on two cores Vitest would take one, and the suite more than three minutes
    // Many tests start processes that share the machine's cores with them: one stall must not fail the suite.
    retry: 1,
    // `graphql` ships two builds that refuse each other's objects. Node takes the CommonJS one; so must the tests.
    alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }],
  },
})
