/** What a promise gives, or an error when it hangs. */
export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} hangs.`)), 30_000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
