// Programs that tests run, which not every machine has.
import { spawnSync } from 'node:child_process'

/** Whether it is missing; `option` makes it say something and end. */
export function lacks(program: string, option = '--version'): boolean {
  return spawnSync(program, [option]).error !== undefined
}
