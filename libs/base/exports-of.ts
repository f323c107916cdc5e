/**
 * What a CommonJS module exports, of what `import()` gives: a namespace that has it as `default`, or, in a build for CommonJS, the
 * exports themselves.
 */
export function exportsOf(imported: object): object {
  return 'default' in imported ? (imported.default as object) : imported;
}
