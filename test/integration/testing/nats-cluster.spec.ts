import { connect, type Msg } from '@nats-io/transport-node';
import { eventually, freePort, startNatsCluster, startNatsServer } from 'nestjs-nats-auth/testing';
import { expect, it, onTestFinished } from 'vitest';

it('has JetStream as soon as it is formed, if that is on', async () => {
  const cluster = await startNatsCluster(3, { jetstream: true });
  onTestFinished(() => cluster.stop());
  const app = await connect({ servers: cluster.urls });
  onTestFinished(() => app.close());
  const create = () =>
    app.request('$JS.API.STREAM.CREATE.ORDERS', '{"name":"ORDERS","subjects":["orders.*"],"num_replicas":3}');
  // A leader places no replica on a server before that has told how much room it has.
  const told = (answer: Msg) => answer.json<{ config?: object; error?: { err_code: number } }>();
  const created = await eventually(async () => {
    const answer = told(await create());
    return answer.error?.err_code !== 10_005 && answer;
  });
  expect(created).toMatchObject({ config: { num_replicas: 3 } });
});

it('takes no server of another cluster for one of its own that dials a port which it had before', async () => {
  const cluster = await startNatsCluster(2);
  onTestFinished(() => cluster.stop());
  const [first] = cluster.servers;
  if (!first) throw new Error('It has two servers.');
  const { cluster: at } = (await (await fetch(`${first.monitorUrl}/varz`)).json()) as {
    cluster: { cluster_port: number };
  };
  const stranger = await startNatsServer({
    config: `server_name: stranger\ncluster { name: test, listen: 127.0.0.1:${await freePort()}, routes: [ nats-route://127.0.0.1:${at.cluster_port} ] }\n`,
  });
  onTestFinished(() => stranger.stop());
  await eventually(async () => /does not match/.test((await first.log()) + (await stranger.log())), {
    what: 'the stranger to be turned away',
  });
  await cluster.formed();
});

it('is not waited for any more once it is stopped, and none of its servers starts again', async () => {
  const cluster = await startNatsCluster(2);
  const [first] = cluster.servers;
  await first?.kill();
  const forming = cluster.formed();
  await Promise.all([cluster.stop(), expect(forming).rejects.toThrow('was stopped')]);
  await expect(first?.restart()).rejects.toThrow('was stopped');
});
