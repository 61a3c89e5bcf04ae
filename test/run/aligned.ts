/** Lines with columns as wide as their widest cell; columns of numbers to the right. The first row is the heading. */
export function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const isNumber = (column: number): boolean => rows.slice(1).every((row) => /^[\d.]+$|^-$/.test(row[column] ?? ''));
  const right = widths.map((_, column) => isNumber(column));
  return rows.map((row) =>
    row
      .map((cell, column) => (right[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
