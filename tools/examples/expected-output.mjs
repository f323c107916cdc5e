// Compares what an example prints with the block of its README that quotes it.

/** Lines of NestJS's logger, which a README quotes only where they matter. */
const LOG_LINE = /^\[Nest\]/;
/** Stands in a README for any lines. */
const ANY = '…';

/**
 * The first line in which the output is not what the README quotes, said in words; `undefined` when it agrees.
 * @param {string} readme its block in the language `text` is the output
 * @param {string} output
 */
export function difference(readme, output) {
  const quoted = quotedOutput(readme);
  if (quoted === undefined) return 'The README has no block of the language `text` with the output.';
  const expected = linesOf(quoted);
  let next = 0;
  for (const line of linesOf(output)) {
    if (line === expected[next]) next++;
    else if (expected[next] === ANY && line === expected[next + 1]) next += 2;
    else if (expected[next] !== ANY && !LOG_LINE.test(line))
      return `printed '${line}'${where(expected, next)}`;
  }
  if (expected[next] === ANY) next++;
  return next < expected.length ? `printed nothing more${where(expected, next)}` : undefined;
}

const where = (expected, next) =>
  next < expected.length
    ? `, where the README has '${expected[next]}'`
    : ', where the output in the README ends';

function quotedOutput(readme) {
  return /^```text\n([\s\S]*?)^```$/m.exec(readme)?.[1];
}

function linesOf(text) {
  return text
    .split('\n')
    .map(normalised)
    .filter((line) => line !== '');
}

/** Without what is another one at each run: times, ports, process ids. */
function normalised(line) {
  return (
    line
      // eslint-disable-next-line no-control-regex -- colours of a terminal
      .replace(/\u001b\[\d+m/g, '')
      .replace(/^\[Nest\] \d+ +- .*?(LOG|WARN|ERROR|DEBUG) /, '[Nest] $1 ')
      .replace(/\+\d+ms$/, '')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'DATE')
      .replace(/(127\.0\.0\.1|localhost):\d+/g, '$1:PORT')
      .replace(/\b\d+(\.\d+)? ?(ms|s|min|h)\b/g, 'TIME')
      .replace(/ +/g, ' ')
      .trim()
  );
}
