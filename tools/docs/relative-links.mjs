/** The relative links of a Markdown text, pictures included, as they are written. */
export function relativeLinks(text) {
  const links = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link);
  return links.filter((link) => !/^[a-z]+:/.test(link));
}

export function withoutCode(text) {
  return text.replace(/^( *)```[\s\S]*?^\1```$/gm, '');
}
