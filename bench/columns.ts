/** What a cell shows; `undefined` and what is no number is shown as a dash. */
export type Cell = string | number | undefined;

/** Prints a Markdown table with a heading, its columns aligned. */
export function printColumns(heading: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const lines = [heading, ...rows].map((row) => row.map(text));
  const widths = heading.map((_, column) => Math.max(3, ...lines.map((line) => (line[column] ?? '').length)));
  const print = (cells: readonly string[]) =>
    console.log(`| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`);
  const [first = [], ...others] = lines;
  print(first);
  print(widths.map((width) => '-'.repeat(width)));
  for (const line of others) print(line);
}

function text(cell: Cell): string {
  if (cell === undefined || Number.isNaN(cell)) return '–';
  return typeof cell === 'number' ? cell.toLocaleString('en') : cell;
}
