import type { Page } from 'playwright-core';

/** A text on the page, as it is painted. */
export interface PaintedText {
  readonly text: string;
  readonly sizePx: number;
  /** Of the text to what is behind it, as WCAG 2 defines it. */
  readonly contrast: number;
}

/** All text that can be seen, that of SVG and of `::before` and `::after` included. */
export function paintedTexts(page: Page): Promise<PaintedText[]> {
  return page.evaluate(`(() => {
    const parse = (color) => {
      const [r, g, b, a = 1] = color.match(/[\\d.]+/g).map(Number);
      return { r, g, b, a };
    };
    const over = (top, under) => ({
      r: top.r * top.a + under.r * (1 - top.a),
      g: top.g * top.a + under.g * (1 - top.a),
      b: top.b * top.a + under.b * (1 - top.a),
      a: 1,
    });
    const luminance = ({ r, g, b }) => {
      const [x, y, z] = [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
      return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const contrast = (a, b) => {
      const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
      return (light + 0.05) / (dark + 0.05);
    };
    const behind = (element) => {
      const layers = [];
      for (let one = element; one; one = one.parentElement) {
        const layer = parse(getComputedStyle(one).backgroundColor);
        layers.push(layer);
        if (layer.a === 1) break;
      }
      return layers.reverse().reduce((under, top) => over(top, under), { r: 255, g: 255, b: 255, a: 1 });
    };
    const opacity = (element) => {
      let product = 1;
      for (let one = element; one; one = one.parentElement) product *= Number(getComputedStyle(one).opacity);
      return product;
    };
    const lane = () => {
      const probe = document.body.appendChild(document.createElement('i'));
      probe.style.background = 'var(--lane)';
      const color = parse(getComputedStyle(probe).backgroundColor);
      probe.remove();
      return color;
    };
    const painted = (element, text, style) => {
      const isSvg = element instanceof SVGElement;
      const color = parse(isSvg ? style.fill : style.color);
      // The names of SVG stand on a lane, or on the panel.
      const grounds = isSvg ? [behind(element), lane()] : [behind(element)];
      color.a *= opacity(element);
      return {
        text,
        sizePx: parseFloat(style.fontSize),
        contrast: Math.min(...grounds.map((ground) => contrast(over(color, ground), ground))),
      };
    };
    const found = [];
    for (const element of document.querySelectorAll('body *')) {
      if (!element.checkVisibility({ visibilityProperty: true }) || element.matches('title, script, noscript')) continue;
      const text = [...element.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ data }) => data.trim()).join(' ').trim();
      if (text) found.push(painted(element, text, getComputedStyle(element)));
      for (const pseudo of ['::before', '::after']) {
        const style = getComputedStyle(element, pseudo);
        if (/^"/.test(style.content)) found.push(painted(element, style.content, style));
      }
    }
    return found;
  })()`);
}

/** How far the page is wider than the window, in px. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - innerWidth');
}
