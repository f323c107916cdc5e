/** The code of an error, as a field of a line; of Node.js and HTTP clients, too. */
export function codeOf(error: Error | undefined): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^\w{1,50}$/.test(code) ? code : undefined;
}
