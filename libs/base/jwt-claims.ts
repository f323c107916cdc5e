/** The claims of a JWT; none of any other text. The signature is not checked. */
export function jwtClaims(text: string): {
  readonly exp?: unknown;
  readonly iat?: unknown;
  readonly sub?: unknown;
} {
  const parts = text.split('.');
  if (parts.length !== 3 || !parts[1]) return {};
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1], 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? claims : {};
  } catch {
    return {};
  }
}
