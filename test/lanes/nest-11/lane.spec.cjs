/* global test */
require('./dist/index.js').declareChecks(test);
