import js from '@eslint/js';
import tseslint from 'typescript-eslint';

// Which folder may import which: src → libs/* → libs/credentials → libs/base. A folder's public face is its index.
const nest = { regex: '^@nestjs/', message: 'libs know nothing of NestJS.' };
const nats = {
  regex: '^(nats|@nats-io/[^/]+)(/|$)',
  message: 'Only libs/connection and libs/testing know NATS.',
};
const src = { regex: '(^|/)src(/|$)|^nestjs-nats-auth', message: 'No lib imports src.' };
const otherLib = (names) => ({
  regex: `\\.\\./(${names})(/|$)`,
  message: 'A lib imports libs/credentials and libs/base only.',
});
const pastIndex = {
  regex:
    '\\.\\./(base|credentials|connection|metrics|providers|callout|testing|src)/(?!index\\.js$|[\\w-]+\\.fixture\\.js$)',
  message: 'Import the index of a lib, not its files.',
};

const pastIndexFromSrc = {
  regex: 'libs/\\w+/(?!index\\.js$)',
  message: 'Import the index of a lib, not its files.',
};

const arrows = (files, patterns) => ({ files, rules: { 'no-restricted-imports': ['error', { patterns }] } });

const restrictedSyntax = [
  { selector: 'ExportAllDeclaration', message: 'Name what you export.' },
  {
    selector: "CallExpression[callee.property.name='listen'][arguments.0.value=0]",
    message: 'Take a port from freePort(): fetch refuses some.',
  },
  {
    selector:
      'ClassDeclaration[superClass.name=/^(NatsAuthError|ConnectRefusedError)$/]:not(:has(PropertyDefinition[key.name="name"]))',
    message: "Give it a field 'name': a minifier renames the class.",
  },
];

// Events, metrics and logs observe. What a lib does next is decided by calls and their results.
const eventsSteerNothing = {
  selector:
    "CallExpression[callee.property.name='on']:matches([callee.object.name=/^(events|emitter)$/], [callee.object.property.name=/^#?(events|emitter)$/])",
  message: 'Events steer nothing: have the caller pass what is needed, as source.onNewer() does.',
};

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      'docs/api/**',
      'docs/.vitepress/{cache,.temp}/**',
      'docs/providers/recipes/**',
      'tools/docs/snippets/**',
      'node_modules/**',
      '.cache/**',
      'coverage/**',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // NestJS wants classes that only carry decorators, and takes plain objects where its types name classes.
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      'no-restricted-syntax': ['error', ...restrictedSyntax],
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        fetch: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        AbortController: 'readonly',
        AbortSignal: 'readonly',
      },
    },
  },
  {
    files: ['sample-app/public/*.js'],
    languageOptions: {
      globals: {
        document: 'readonly',
        EventSource: 'readonly',
        fetch: 'readonly',
        getComputedStyle: 'readonly',
        matchMedia: 'readonly',
        devicePixelRatio: 'readonly',
        requestAnimationFrame: 'readonly',
        ResizeObserver: 'readonly',
        setInterval: 'readonly',
      },
    },
  },
  {
    files: ['test/site/in-page.js'],
    languageOptions: {
      globals: {
        document: 'readonly',
        getComputedStyle: 'readonly',
        innerWidth: 'readonly',
        NodeFilter: 'readonly',
      },
    },
  },
  {
    files: ['libs/{credentials,connection}/**/*.ts'],
    ignores: ['**/*.{spec,fixture}.ts'],
    rules: { 'no-restricted-syntax': ['error', ...restrictedSyntax, eventsSteerNothing] },
  },
  arrows(
    ['libs/base/**/*.ts'],
    [nest, nats, src, otherLib('credentials|connection|metrics|providers|callout|testing')],
  ),
  arrows(
    ['libs/credentials/**/*.ts'],
    [nest, nats, src, otherLib('connection|metrics|providers|callout|testing'), pastIndex],
  ),
  arrows(['libs/connection/**/*.ts'], [nest, src, otherLib('metrics|providers|callout|testing'), pastIndex]),
  arrows(['libs/metrics/**/*.ts'], [nest, nats, src, otherLib('providers|callout|testing'), pastIndex]),
  arrows(
    ['libs/providers/**/*.ts'],
    [nest, nats, src, otherLib('connection|metrics|callout|testing'), pastIndex],
  ),
  arrows(
    ['libs/callout/**/*.ts'],
    [nest, nats, src, otherLib('credentials|connection|metrics|providers|testing'), pastIndex],
  ),
  arrows(['libs/testing/**/*.ts'], [src, otherLib('metrics|providers|callout'), pastIndex]),
  arrows(['src/**/*.ts'], [pastIndexFromSrc]),
);
