/**
 * Reads the body of an HTTP answer. Leaving it early closes its stream, and the connection with it.
 * @throws {Error} it is longer than `most` bytes: an answer may have no end.
 */
export async function boundedBytes(body: unknown, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > most) throw new Error(`it is longer than ${most} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
