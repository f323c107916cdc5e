import type { MarkdownRenderer } from 'vitepress';

/** Makes a diagram of a `mermaid` block, as GitHub does. */
export function diagrams(md: MarkdownRenderer): void {
  const render = md.renderer.rules.fence;
  md.renderer.rules.fence = (...args) => {
    const [tokens, index] = args;
    const token = tokens[index];
    if (token?.info.trim() !== 'mermaid') return render?.(...args) ?? '';
    return `<Diagram source="${md.utils.escapeHtml(token.content).replaceAll('\n', '&#10;')}" />`;
  };
}
