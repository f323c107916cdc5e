/** One way to write a secret down. */
export interface Form {
  readonly form: string;
  readonly written: string;
}

/** How a secret may stand in a text: as it is, encoded, or as the bytes of a buffer. */
export function formsOf(secret: string): Form[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const all: Form[] = [
    { form: 'as it is', written: secret },
    { form: 'in a URL', written: encodeURIComponent(secret) },
    { form: 'in JSON', written: JSON.stringify(secret).slice(1, -1) },
    { form: 'in hex', written: hex },
    { form: 'in upper-case hex', written: hex.toUpperCase() },
    { form: 'as an inspected Buffer', written: hex.replace(/..(?=.)/g, '$& ') },
    { form: 'as an inspected Uint8Array', written: bytes.join(', ') },
    { form: 'as a Buffer in JSON', written: bytes.join(',') },
    ...[0, 1, 2].flatMap((before) => base64At(bytes, before)),
  ];
  return all.filter(({ written }, i) => all.findIndex((other) => other.written === written) === i);
}

/** The characters of base64 that depend on the secret alone, when it stands behind `before` (modulo 3) other bytes. */
function base64At(bytes: Buffer, before: number): Form[] {
  const from = (3 - before) % 3;
  const inner = bytes.subarray(from, bytes.length - ((bytes.length - from) % 3));
  return [
    { form: 'in base64', written: inner.toString('base64') },
    { form: 'in base64url', written: inner.toString('base64url') },
  ];
}
