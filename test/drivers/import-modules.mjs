const FILES = {
  nats: { core: 'lib/nats-base-client/internal_mod.js', transport: 'lib/src/node_transport.js' },
  '@nats-io/transport-node': { core: 'lib/nats-base-client.js', transport: 'lib/node_transport.js' },
};

/** Imports the modules of a driver that is installed under another name. */
export const importModules = (name, packageName) => async () => {
  const exportsOf = async (specifier) => (await import(specifier)).default;
  return {
    main: await exportsOf(packageName),
    core: await exportsOf(`${packageName}/${FILES[name].core}`),
    transport: await exportsOf(`${packageName}/${FILES[name].transport}`),
  };
};
