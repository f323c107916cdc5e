// Checks that each relative link of the documentation leads to a file, and its anchor to a heading of that file, and that
// docs/troubleshooting.md has a section for each error code.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

import { documents, fail, root } from './project.mjs';
import { relativeLinks, withoutCode } from './relative-links.mjs';

const problems = [...documents().flatMap(brokenLinks), ...codesWithoutSection()];
if (problems.length > 0) fail(problems.join('\n'));
console.log(
  `The links of ${documents().length} documents lead somewhere, and each error code has a section.`,
);

function brokenLinks(document) {
  return relativeLinks(read(document)).flatMap((link) => brokenLink(document, link));
}

function brokenLink(document, link) {
  const [path, anchor] = link.split('#');
  const target = path === '' ? document : normalize(join(dirname(document), path));
  if (!existsSync(join(root, target))) return [`${document}: '${link}' leads to no file.`];
  if (anchor === undefined || !target.endsWith('.md') || anchorsOf(target).includes(anchor)) return [];
  return [`${document}: '${link}' leads to no heading; there are ${anchorsOf(target).join(', ')}.`];
}

function codesWithoutSection() {
  const [, union] = /type NatsAuthErrorCode =([^;]+);/.exec(read('libs/base/errors.ts'));
  const page = 'docs/troubleshooting.md';
  const sections = anchorsOf(page);
  return [...union.matchAll(/'(\w+)'/g)]
    .filter(([, code]) => !sections.includes(code.toLowerCase()))
    .map(([, code]) => `${page} has no section for ${code}.`);
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(document) {
  const headings = [...withoutCode(read(document)).matchAll(/^#+ +(.+)$/gm)].map(([, heading]) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/ /g, '-'),
  );
}

function read(path) {
  return readFileSync(join(root, path), 'utf8');
}
