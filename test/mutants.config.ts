// The tests that judge changes to `client`, `cache`, `wire` and `graphql/plan`: those of these rooms, the quickest first,
// since the first that fails ends the run. Left out are tests that start the built server, a browser or a gateway, which
// would not see a change, those that go through the whole server, since nearly each of them would have to be run for
// nearly each change, and those that measure CPU, since the code is far slower with all of its changes in it.
import { basename } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import base from '../vitest.config.js'

const TESTS = [
  ...['lifetime', 'flight', 'retry', 'entry', 'fence', 'patience', 'guard', 'tasks-client', 'pace'],
  ...['content', 'long-json', 'quick', 'transfers', 'hot', 'cache', 'operations', 'reuse', 'json'],
  ...['lease', 'plan', 'proxy', 'decode', 'creation', 'create', 'plan-differential', 'upload-ticket'],
  ...['redis', 'wire', 'listing', 'faults-status', 'deletion', 'faults-payload', 'upload', 'shared'],
  ...['spend-trouble', 'spend'],
]

const toPlace = ({ moduleId }: TestSpecification) => TESTS.indexOf(basename(moduleId, '.test.ts'))

class QuickestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    return files.toSorted((a, b) => toPlace(a) - toPlace(b))
  }
}

export default {
  ...base,
  test: {
    ...base.test,
    include: TESTS.map((name) => `test/${name}.test.ts`),
    sequence: { sequencer: QuickestFirst },
    // Fewer random operations than else, and the same for each change.
    env: { OPERATIONS: '500', SEED: '1' },
  },
}
