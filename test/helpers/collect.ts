// Collects garbage now: what memory is measured after that is in use.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
export const collect: (options?: { readonly type: 'minor' }) => void = runInNewContext('gc')
