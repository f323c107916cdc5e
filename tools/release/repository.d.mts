export function repositoryOf(manifest: { repository?: string | { url?: string } }): string | undefined;
export function isPlaceholder(address: string | undefined): boolean;
