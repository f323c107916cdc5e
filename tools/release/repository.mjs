/**
 * The web address of the repository that a manifest names, as `https://host/owner/name`; undefined where it names none, or a
 * placeholder.
 */
export function repositoryOf({ repository }) {
  const url = typeof repository === 'string' ? repository : repository?.url;
  const [, address] = /^(?:git\+)?(https:\/\/[^/\s]+\/[^/\s]+\/[^/\s]+?)(?:\.git)?$/.exec(url ?? '') ?? [];
  return isPlaceholder(address) ? undefined : address;
}

/** Whether an address is missing, or one that somebody is meant to replace. */
export function isPlaceholder(address) {
  return (
    !address ||
    /[<>{}]|\b(example|placeholder|todo|owner|user(name)?|your[-\w]*|org)\b|\.(test|invalid)\b/i.test(address)
  );
}
