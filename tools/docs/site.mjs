// Builds the site of the documentation into docs/.vitepress/dist, with the API reference below /api. SITE_BASE says where it is on its host.
import { join } from 'node:path';

import { Application, TSConfigReader, TypeDocReader } from 'typedoc';
import { build } from 'vitepress';

import { ENTRY_POINTS, fail, root } from './project.mjs';

process.chdir(root);
const base = `/${process.env.SITE_BASE ?? ''}/`.replace(/\/+/g, '/');
await build('docs');
await writeReference(join(root, 'docs/.vitepress/dist/api'));

/** As `npm run docs` writes it, with a way back to the pages. */
async function writeReference(folder) {
  const options = {
    favicon: join(root, 'docs/.vitepress/public/icon.svg'),
    titleLink: base,
    navigationLinks: { Documentation: `${base}contents.html` },
  };
  const app = await Application.bootstrapWithPlugins(options, [new TypeDocReader(), new TSConfigReader()]);
  const project = await app.convert();
  if (!project) fail('The API reference cannot be made.');
  app.validate(project);
  for (const module of project.children ?? []) module.name = importedAs(module.name);
  await app.generateDocs(project, folder);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) fail('The API reference has errors.');
}

/** What users import, for an entry point that TypeDoc names by its folder. */
function importedAs(folder) {
  const [specifier = folder] =
    Object.entries(ENTRY_POINTS).find(([, source]) => source === `${folder}/index.ts`) ?? [];
  return specifier;
}
