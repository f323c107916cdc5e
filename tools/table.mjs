/** Prints rows of cells in columns, with the first row as the heading. */
export function printTable(rows) {
  const width = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  const line = (row) =>
    row
      .map((cell, column) => String(cell).padEnd(width[column]))
      .join('  ')
      .trimEnd();
  console.log(line(rows[0]));
  console.log(width.map((columns) => '-'.repeat(columns)).join('  '));
  for (const row of rows.slice(1)) console.log(line(row));
}
