import { test } from 'vitest';

import { declareChecks } from './dist/index.js';

declareChecks(test);
