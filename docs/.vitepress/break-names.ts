import type { MarkdownRenderer } from 'vitepress';

/** Lets names such as `nats_auth_refreshes_total` and `retry.maxDelay` break between their words where there is little room. */
export function breakNames(md: MarkdownRenderer): void {
  const render = md.renderer.rules.code_inline;
  md.renderer.rules.code_inline = (...args) =>
    (render?.(...args) ?? '').replace(
      /([a-z](?=[A-Z])|[a-zA-Z][_.](?=[a-zA-Z]))(?=[^<>]*<\/code>)/g,
      '$1<wbr>',
    );
}
