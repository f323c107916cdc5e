// The lanes: applications of their own that install the packed tarball. Each is a folder of test/lanes with its
// package.json, whose versions are pinned; `extends` names the lane, or the folder, whose other files it takes.
export const LANES = [
  { name: 'nest-11' },
  { name: 'nest-11-oldest', extends: 'nest-11' },
  { name: 'nest-12-esm' },
  { name: 'nest-12-oldest', extends: 'nest-12-esm' },
  { name: 'nest-12-cjs' },
  { name: 'nest-11-bundles', extends: 'bundles' },
  { name: 'nest-12-bundles', extends: 'bundles' },
];
