import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

// How long something may take says nothing but that it hangs: a machine that is busy elsewhere fails no test.
const HANGS_MS = 60_000

/** The longest files, in order. They start processes and browsers, which says nothing about the size of the file. */
const LONGEST = [
  ...['instances', 'bench', 'process', 'playground-browser', 'spend', 'tasks-processes', 'tasks-queries'],
  ...[
    'playground-tasks',
    'gateways',
    'tasks-shared',
    'playground-axe',
    'paid-once',
    'docs',
    'faults-connection',
  ],
]

/** Without results of an earlier run, Vitest begins with the largest files. A long one that comes last would run alone. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const others = await super.sort(files)
    const named = new Map(files.map((file) => [basename(file.moduleId, '.test.ts'), file]))
    return [...new Set([...LONGEST.flatMap((name) => named.get(name) ?? []), ...others])]
  }
}

export default defineConfig({
  test: {
    include: ['test/*.test.ts'],
    testTimeout: HANGS_MS,
    hookTimeout: HANGS_MS,
    expect: { poll: { timeout: HANGS_MS / 2, interval: 10 } },
    // Tests mostly wait, so a worker more than there are cores keeps the cores busy. By default Vitest takes one fewer.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    // `graphql` ships two builds that refuse each other's objects. Node takes the CommonJS one; so must the tests.
    alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }],
  },
})
