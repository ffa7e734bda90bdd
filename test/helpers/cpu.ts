// Work measured by the CPU that it takes. By the clock, whatever else runs on the machine would count as well.

/** The CPU of this process in ms while the work runs: that of its client too, if both run here. */
export async function measureCpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** The most CPU in ms between two turns of the event loop while the work runs. */
export async function measureLongestTurnMs(work: () => Promise<unknown>): Promise<number> {
  let longestMs = 0
  let lastMs = process.cpuUsage().user / 1000
  let isOver = false
  const watch = () => {
    const nowMs = process.cpuUsage().user / 1000
    longestMs = Math.max(longestMs, nowMs - lastMs)
    lastMs = nowMs
    if (!isOver) setImmediate(watch)
  }
  watch()
  await work()
  isOver = true
  return longestMs
}

/** The least of several measurements, or the first that is below `enough`. The collector shows in some, the work in each. */
export async function leastOf(
  tries: number,
  enough: number,
  measure: (round: number) => Promise<number>,
): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let round = 1; round <= tries && least >= enough; round++)
    least = Math.min(least, await measure(round))
  return least
}
