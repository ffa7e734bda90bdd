import { createRequire } from 'node:module'
import { defineConfig } from 'vitest/config'

// How long something may take says nothing but that it hangs: a machine that is busy elsewhere fails no test.
const HANGS_MS = 60_000

export default defineConfig({
  test: {
    include: ['test/*.test.ts'],
    testTimeout: HANGS_MS,
    hookTimeout: HANGS_MS,
    expect: { poll: { timeout: HANGS_MS / 2, interval: 10 } },
    maxWorkers: '100%', // on two cores Vitest would take one, and the suite more than three minutes
    // `graphql` ships two builds that refuse each other's objects. Node takes the CommonJS one; so must the tests.
    alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }],
  },
})
