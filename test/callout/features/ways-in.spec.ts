import { describe, expect, it, onTestFinished } from 'vitest';

import { CONNECTION_TYPES, type ConnectionType } from '../../../libs/callout/index.js';
import { freePort, startNatsServer } from '../../../libs/testing/index.js';
import { connect, refusal, VIOLATION } from '../harness/clients.js';
import { ALICE, configMode } from '../harness/config-mode.js';
import { LANES } from '../harness/lanes.js';
import { dial, frame, mqttConnect, WEBSOCKET_UPGRADE } from '../harness/raw.js';

const NATS_CONNECT = 'CONNECT {"verbose":false,"user":"alice","pass":"wonderland"}\r\nPING\r\n';

/** nats-server looks neither at `src` nor at `allowed_connection_types` of a user JWT that a callout has made. */
describe.each(LANES)('$label: where a client comes from', (lane) => {
  it.each([
    ['127.0.0.1', true],
    ['127.0.0.0/8', true],
    ['10.0.0.0/8', false],
    ['::1', false],
  ])('counts: an admission for %s alone', async (source, admitted) => {
    const { server, callout } = await configMode(lane, {
      authorize: () => ({ name: 'alice', allowedSources: [source] }),
    });
    if (admitted) {
      await connect(lane, server, ALICE);
      return;
    }
    expect(await refusal(lane, server, ALICE)).toMatch(VIOLATION);
    expect(await callout.until('refused')).toMatchObject({ reason: 'source' });
  });

  const others = (type: ConnectionType) => CONNECTION_TYPES.filter((other) => other !== type);
  const start = async (type: ConnectionType, connectionTypes: readonly ConnectionType[]) => {
    const port = await freePort();
    const listen = { WEBSOCKET: 'websocket', MQTT: 'mqtt', LEAFNODE: 'leafnodes', STANDARD: '' }[
      type as string
    ];
    const tls = type === 'WEBSOCKET' ? ', no_tls: true' : '';
    const place = await configMode(lane, {
      jetstream: type === 'MQTT',
      // MQTT keeps its state in the streams of the account.
      server: { accounts: [{ name: 'APP', config: type === 'MQTT' ? 'jetstream: enabled' : '' }] },
      config: (text) =>
        `server_name: s1\n${listen ? `${listen} { listen: "127.0.0.1:${port}"${tls} }\n` : ''}${text}`,
      authorize: () => ({ name: 'alice', connectionTypes }),
    });
    return { ...place, port };
  };
  const expectRefused = async ({ callout }: Awaited<ReturnType<typeof start>>, type: ConnectionType) => {
    expect(await callout.until('refused')).toMatchObject({ reason: 'connection_type' });
    expect(callout.asked[0]?.client.type).toBe(type);
  };

  it('counts: over a plain connection', async () => {
    await connect(lane, (await start('STANDARD', ['STANDARD'])).server, ALICE);
    const place = await start('STANDARD', others('STANDARD'));
    expect(await refusal(lane, place.server, ALICE)).toMatch(VIOLATION);
    await expectRefused(place, 'STANDARD');
  });

  it('counts: over a WebSocket', async () => {
    const over = async (port: number) => {
      const client = await dial(port);
      client.say(WEBSOCKET_UPGRADE);
      await client.hears('INFO');
      client.say(frame(NATS_CONNECT));
      return client;
    };
    await (await over((await start('WEBSOCKET', ['WEBSOCKET'])).port)).hears('PONG');
    const place = await start('WEBSOCKET', others('WEBSOCKET'));
    await (await over(place.port)).hears('Authorization Violation');
    await expectRefused(place, 'WEBSOCKET');
  });

  it('counts: over MQTT', async () => {
    const over = async (port: number) => {
      const client = await dial(port);
      client.say(mqttConnect('sensor', 'alice', 'wonderland'));
      return client;
    };
    // CONNACK: accepted.
    await (await over((await start('MQTT', ['MQTT'])).port)).hears('\x20\x02\x00\x00');
    const place = await start('MQTT', others('MQTT'));
    await (await over(place.port)).ended();
    await expectRefused(place, 'MQTT');
    expect(place.callout.asked[0]?.client.mqttClientId).toBe('sensor');
  });

  it('counts: as a leaf node', async () => {
    const leaf = async (port: number) => {
      const server = await startNatsServer({
        config: `leafnodes { reconnect: 1, remotes [ { url: "nats://alice:wonderland@127.0.0.1:${port}" } ] }\n`,
      });
      onTestFinished(() => server.stop());
    };
    const admitted = await start('LEAFNODE', ['LEAFNODE']);
    await leaf(admitted.port);
    expect(await admitted.callout.until('admitted')).toMatchObject({ account: 'APP' });
    const place = await start('LEAFNODE', others('LEAFNODE'));
    await leaf(place.port);
    await expectRefused(place, 'LEAFNODE');
  });
});
