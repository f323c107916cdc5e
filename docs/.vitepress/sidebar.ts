import { existsSync, readdirSync, readFileSync } from 'node:fs';

import type { DefaultTheme } from 'vitepress';

import { pageOf, root, targetOf } from './pages.js';

const INDEX = 'docs/README.md';

/**
 * The sidebar is the index of the documentation: a heading of the second level is a group, one of the third a group inside it that
 * can be unfolded, and the first link of each row of a table is an entry. The examples follow by themselves below their heading.
 */
export function sidebar(): DefaultTheme.SidebarItem[] {
  const groups: DefaultTheme.SidebarItem[] = [];
  let items: DefaultTheme.SidebarItem[] = groups;
  for (const line of readFileSync(root + INDEX, 'utf8').split('\n')) {
    const [, level, heading] = /^(##|###) (.+)$/.exec(line) ?? [];
    const [, text, link] = /^\| \[([^\]]+)\]\(([^)]+)\)/.exec(line) ?? [];
    if (level === '##') groups.push({ text: heading, items: (items = []) });
    else if (level === '###') {
      const group = { text: heading, collapsed: true, items: heading === 'Examples' ? examples() : [] };
      groups.at(-1)?.items?.push(group);
      items = group.items;
    } else if (text && link) items.push({ text, link: addressOf(link) });
  }
  return groups;
}

function examples(): DefaultTheme.SidebarItem[] {
  return readdirSync(`${root}examples`)
    .map((folder) => `../examples/${folder}/README.md`)
    .filter((readme) => existsSync(`${root}docs/${readme}`))
    .sort()
    .map((readme) => ({ text: titleOf(`${root}docs/${readme}`), link: addressOf(readme) }));
}

function titleOf(file: string): string {
  return /^# (.+)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? file;
}

function addressOf(link: string): string {
  return `/${pageOf(targetOf(INDEX, link))}`.replace(/index\.md$/, '').replace(/\.md$/, '.html');
}
