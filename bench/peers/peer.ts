// A process of its own: a responder or a caller that does what the bench asks over IPC.
import 'reflect-metadata';

import type { UserInfo } from 'nestjs-nats-auth';

import { HeardMessages } from './heard.js';
import { Load } from './load.js';
import { startNestPeer } from './nest-peer.js';
import { startPlainPeer } from './plain-peer.js';
import { startStockPeer } from './stock-peer.js';
import type { Command, FromPeer, PeerOptions, ToPeer } from './protocol.js';

const options = JSON.parse(process.argv[2] ?? '') as PeerOptions;
const waiting: ((userInfo: UserInfo) => void)[] = [];
const heard = new HeardMessages();
let load: Load | undefined;

const tell = (message: FromPeer) => process.send?.(message);
const credentials = () =>
  new Promise<UserInfo>((resolve) => {
    waiting.push(resolve);
    tell({ type: 'credentials' });
  });

process.on('disconnect', () => process.exit());
process.on('message', (message: ToPeer) => {
  if (message.type === 'credentials') waiting.shift()?.(message.userInfo);
  else void carryOut(message.command).then((result) => tell({ type: 'done', result }));
});

const peer = await start();
tell({ type: 'ready' });

function start() {
  if (options.mode === 'plain nats.js reconnect()') return startPlainPeer(options, credentials, heard);
  if (options.mode === 'stock NestJS transport') return startStockPeer(options, credentials, heard);
  return startNestPeer(options, credentials, heard);
}

async function carryOut(command: Command): Promise<unknown> {
  switch (command.do) {
    case 'rotate':
      return peer.rotate().then(
        () => 'rotated',
        (error: unknown) => String(error),
      );
    case 'load':
      load = new Load(peer.sender, command.perSecond, command.firstNumber);
      return undefined;
    case 'stop':
      return load?.stop(command.windows);
    case 'report':
      return heard.report;
  }
}
