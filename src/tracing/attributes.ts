import { describeError, type Facts, scrub } from '../../libs/base/index.js';
import type { SpanAttributes, TracedHandle, TracedSend } from './traced-operation.js';

/** The text of an error may be as long as an application likes. */
const LONGEST_MESSAGE = 300;

/** Attributes of our own, and `server.*`, out of facts. */
export function attributesOf(facts: Facts): SpanAttributes {
  const attributes: SpanAttributes = {};
  for (const [name, value] of Object.entries(facts)) {
    if (value === undefined) continue;
    if (name === 'server') Object.assign(attributes, serverAttributes(String(value)));
    else attributes[attributeOf(name)] = value;
  }
  return attributes;
}

/** What OpenTelemetry's conventions for messaging want of a message. */
export function messagingAttributes(
  { connection, subject }: TracedSend | TracedHandle,
  name: string,
  type: 'send' | 'process',
): SpanAttributes {
  return {
    'messaging.system': 'nats',
    'messaging.operation.name': name,
    'messaging.operation.type': type,
    'messaging.destination.name': subject,
    'nats_auth.connection': connection,
  };
}

/** @param server `host:port`. */
export function serverAttributes(server: string): SpanAttributes {
  const known = servers.get(server);
  if (known) return known;
  const [, host = server, port] = /^\[?(.*?)\]?:(\d+)$/.exec(server) ?? [];
  const attributes = {
    'server.address': host,
    ...(port !== undefined && { 'server.port': Number(port) }),
  };
  if (servers.size < MOST_SERVERS) servers.set(server, attributes);
  return attributes;
}

/** Each message asks for the same few. */
const servers = new Map<string, SpanAttributes>();
const MOST_SERVERS = 100;

export function errorAttributes(error: unknown): { 'error.type': string; 'error.message': string } {
  return { 'error.type': typeOf(error), 'error.message': messageOf(error) };
}

/** Without a stack, which has the message in it as it was before it was scrubbed. */
export function exceptionAttributes(error: unknown): SpanAttributes {
  return { 'exception.type': nameOf(error) ?? typeOf(error), 'exception.message': messageOf(error) };
}

/** What is told of an error: its message, scrubbed. What a handler throws arrives as a plain object, or as a text. */
export function messageOf(error: unknown): string {
  const isPlain = isObject(error) && !(error instanceof Error);
  const text = isPlain ? plainMessage(error) : describeError(error);
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}…` : text;
}

function plainMessage({ message }: { readonly message?: unknown }): string {
  return typeof message === 'string' ? scrub(message) : '';
}

/** The code of an error, or else its class: of both there are few. */
function typeOf(error: unknown): string {
  const code = isObject(error) ? error.code : undefined;
  if (typeof code === 'string' && /^\w{1,60}$/.test(code)) return code;
  return nameOf(error) ?? 'error';
}

function nameOf(error: unknown): string | undefined {
  if (!isObject(error)) return undefined;
  // A class that gives itself no name has the inherited one.
  const name = error.name === 'Error' ? error.constructor.name : error.name;
  return typeof name === 'string' && /^\w{1,60}$/.test(name) ? name : undefined;
}

function isObject(
  value: unknown,
): value is { readonly code?: unknown; readonly name?: unknown; readonly message?: unknown } {
  return typeof value === 'object' && value !== null;
}

function attributeOf(name: string): string {
  const known = attributeNames.get(name);
  if (known !== undefined) return known;
  const attribute = `nats_auth.${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
  attributeNames.set(name, attribute);
  return attribute;
}

/** Facts have few names. */
const attributeNames = new Map<string, string>();
