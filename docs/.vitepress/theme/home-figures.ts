import { useData, withBase } from 'vitepress';
import { h } from 'vue';

import type { Figure } from '../figures.js';

/** A card for each measured figure, which links to how it was measured. */
export function HomeFigures() {
  const { figures } = useData().frontmatter.value as { figures: Figure[] };
  return h('ul', { class: 'figures' }, figures.map(card));
}

function card({ value, title, text, section }: Figure) {
  return h('li', [
    h('strong', { class: 'value' }, value),
    h('span', { class: 'title' }, title),
    h('p', text),
    h('a', { href: withBase(`/performance.html#${section}`) }, 'How it was measured'),
  ]);
}
