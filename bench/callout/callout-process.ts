// A process with one instance of a callout on a connection of nats.js.
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';

import { Emitter } from '../../libs/base/index.js';
import {
  Callout,
  CALLOUT_SUBJECT,
  type CalloutEvents,
  type CalloutOptions,
  calloutSettings,
} from '../../libs/callout/index.js';
import { answer } from '../child/commands.js';

export interface CalloutArgument {
  readonly url: string;
  /** Seed of the user as whom the callout connects. */
  readonly user: string;
  readonly options: CalloutOptions;
}

export type CalloutCommands = { cpuMicros: (nothing: undefined) => number };

const { url, user, options } = JSON.parse(process.argv[2] ?? '{}') as CalloutArgument;
const settings = await calloutSettings(options);
const callout = new Callout({
  connection: 'bench',
  settings,
  events: new Emitter<CalloutEvents>(),
  authorizer: { authorize: ({ credentials }) => ({ name: credentials.user ?? '' }) },
});
const authenticator = nkeyAuthenticator(new TextEncoder().encode(user));
const connection = await connect({ servers: url, authenticator });
connection.subscribe(CALLOUT_SUBJECT, {
  queue: settings.queue,
  callback: (_error, message) => {
    void callout.receive({
      data: message.data,
      reply: message.reply,
      serverXkey: message.headers?.get('Nats-Server-Xkey'),
      respond: (response) => void message.respond(response),
    });
  },
});
await connection.flush();

answer({
  cpuMicros: () => {
    const { user: own, system } = process.cpuUsage();
    return own + system;
  },
} satisfies CalloutCommands);
