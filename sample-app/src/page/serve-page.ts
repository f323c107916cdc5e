import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { NestExpressApplication } from '@nestjs/platform-express';

/** Serves the page, and the chart library that it uses. */
export function servePage(app: NestExpressApplication): void {
  app.useStaticAssets(fileURLToPath(new URL('../../public', import.meta.url)));
  app.useStaticAssets(dirname(fileURLToPath(import.meta.resolve('uplot'))), { prefix: '/uplot' });
}
