import { isPlaceholder, repositoryOf } from './repository.mjs';

/**
 * What must be mended before a version is published, a line each.
 * @param {object} manifest package.json.
 * @param {string} changelog CHANGELOG.md.
 * @param {Record<string, string | undefined>} env The environment, of which a workflow's is looked at.
 */
export function releaseProblems(manifest, changelog, env) {
  return [...addressProblems(manifest, env), ...versionProblems(manifest, changelog, env)];
}

function addressProblems(manifest, { GITHUB_SERVER_URL, GITHUB_REPOSITORY }) {
  const repository = repositoryOf(manifest);
  const problems = [];
  if (!repository)
    problems.push(
      'package.json: \'repository\' is missing or a placeholder. Set it to { "type": "git", "url": "git+https://<host>/<owner>/<name>.git" }: npm refuses provenance without it, and makes the links of the README lead there.',
    );
  const here = GITHUB_REPOSITORY && `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}`;
  if (repository && here && repository.toLowerCase() !== here.toLowerCase())
    problems.push(`package.json: 'repository' is ${repository}, and this workflow runs in ${here}.`);
  if (!/^https:\/\//.test(manifest.homepage ?? '') || isPlaceholder(manifest.homepage))
    problems.push(
      "package.json: 'homepage' is missing or a placeholder. Set it to the https address of the documentation's site, or of the repository.",
    );
  return problems;
}

function versionProblems({ version }, changelog, { GITHUB_REF_TYPE, GITHUB_REF_NAME }) {
  const problems = [];
  if (!new RegExp(`^## \\[${version.replaceAll('.', '\\.')}\\].* \\d{4}-\\d{2}-\\d{2}$`, 'm').test(changelog))
    problems.push(
      `CHANGELOG.md: there is no section '## [${version}] - <date>'. Move what is under Unreleased there.`,
    );
  if (GITHUB_REF_TYPE === 'tag' && GITHUB_REF_NAME !== `v${version}`)
    problems.push(`The tag is ${GITHUB_REF_NAME}, and the version v${version}.`);
  return problems;
}
