import { type Browser, chromium } from 'playwright-core';

import { findChromium } from './find-chromium.js';

export async function launchChromium(): Promise<Browser> {
  const { path, env } = await findChromium();
  return chromium.launch({
    executablePath: path,
    env: { ...process.env, ...env },
    // As root, and in containers with little shared memory.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}
