/** What stands beside a state, so that it is told apart without colours. */
export const MARKS = { good: '●', warn: '▲', bad: '✕', quiet: '○' };
