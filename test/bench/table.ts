// A table as text: the first column to the left, numbers to the right.

export function print(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const lines = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  const toLine = (line: readonly string[]) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
  process.stdout.write(`\n${title}\n${lines.map((line) => `  ${toLine(line)}`).join('\n')}\n`)
}
