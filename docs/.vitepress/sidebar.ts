import { readFileSync } from 'node:fs';

import type { DefaultTheme } from 'vitepress';

import { pageOf, root, targetOf } from './pages.js';

const INDEX = 'docs/README.md';

/**
 * The sidebar is the index of the documentation: a heading of the second level is a group, one of the third a group inside it that
 * can be unfolded, and the first link of each row of a table is an entry.
 */
export function sidebar(): DefaultTheme.SidebarItem[] {
  const groups: DefaultTheme.SidebarItem[] = [];
  let items: DefaultTheme.SidebarItem[] = groups;
  for (const line of readFileSync(root + INDEX, 'utf8').split('\n')) {
    const [, level, heading] = /^(##|###) (.+)$/.exec(line) ?? [];
    const [, text, link] = /^\| \[([^\]]+)\]\(([^)]+)\)/.exec(line) ?? [];
    if (level === '##') groups.push({ text: heading, items: (items = []) });
    else if (level === '###') {
      const group = { text: heading, collapsed: true, items: [] };
      groups.at(-1)?.items?.push(group);
      items = group.items;
    } else if (text && link) items.push({ text, link: addressOf(link) });
  }
  return groups;
}

function addressOf(link: string): string {
  return `/${pageOf(targetOf(INDEX, link))}`.replace(/index\.md$/, '').replace(/\.md$/, '.html');
}
