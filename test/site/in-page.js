// Runs in a page of the site, and gives a line for what a reader could not read there.
(() => {
  const problems = new Set();
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) problems.add(`${scrollWidth - innerWidth} px wider than the window`);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { data, parentElement } = texts.currentNode;
    const text = data.replaceAll('\u200b', '').trim();
    if (text === '' || !isShown(parentElement)) continue;
    const { fontSize, fontWeight } = getComputedStyle(parentElement);
    const size = parseFloat(fontSize);
    if (size < 12) problems.add(`${fontSize}: ${text}`);
    const isLarge = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700);
    const contrast = contrastOf(parentElement);
    if (contrast < (isLarge ? 3 : 4.5)) problems.add(`contrast ${contrast.toFixed(2)}: ${text}`);
  }
  for (const image of document.images)
    if (!image.complete || image.naturalWidth === 0) problems.add(`image not shown: ${image.src}`);
  return [...problems];

  function isShown(element) {
    const { width, height } = element.getBoundingClientRect();
    return (
      width > 1 &&
      height > 1 &&
      // What lies behind a word of a drawing is no background of an element.
      !element.closest('script, style, noscript, svg') &&
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    );
  }

  /** WCAG's contrast of an element's text to what lies behind it. */
  function contrastOf(element) {
    const chain = [];
    for (let one = element; one; one = one.parentElement) chain.unshift(one);
    let behind = [255, 255, 255];
    let opacity = 1;
    for (const one of chain) {
      const style = getComputedStyle(one);
      opacity *= Number(style.opacity);
      behind = over(colorOf(style.backgroundColor), behind, opacity);
    }
    const text = over(colorOf(getComputedStyle(element).color), behind, opacity);
    const [light, dark] = [luminance(text), luminance(behind)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  }

  function colorOf(css) {
    const [red = 0, green = 0, blue = 0, alpha = 1] = (css.match(/[\d.]+/g) ?? []).map(Number);
    if (!css.startsWith('rgb')) throw new Error(`This colour cannot be read: ${css}`);
    return [red, green, blue, alpha];
  }

  function over([red, green, blue, alpha], behind, opacity) {
    const part = alpha * opacity;
    return [red, green, blue].map((value, n) => value * part + behind[n] * (1 - part));
  }

  function luminance(color) {
    const [red, green, blue] = color.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }
})();
