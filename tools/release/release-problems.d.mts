export function releaseProblems(
  manifest: {
    version: string;
    homepage?: string;
    repository?: string | { url?: string };
  },
  changelog: string,
  env: Record<string, string | undefined>,
): string[];
