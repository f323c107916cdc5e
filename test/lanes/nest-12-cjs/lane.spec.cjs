const { test } = require('node:test');

require('./dist/index.js').declareChecks((name, run, timeout) => test(name, { timeout }, run));
