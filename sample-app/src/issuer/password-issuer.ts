import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the issuer tells a service that asks for its password. */
export interface IssuedPassword {
  /** The NATS user: the service's name with the version. */
  user: string;
  pass: string;
  version: number;
  /** When the NATS server forgets this user, in ms since the epoch. */
  expiresAt: number;
}

/** Makes the users known to the NATS server; the demo reloads a real nats-server. */
export type ApplyUsers = (users: IssuedPassword[]) => Promise<unknown>;

/**
 * Stands for a company's identity system: it gives each service a new user and password every now and then, hands them
 * out over HTTP, and has the NATS server forget the last but one.
 */
export class PasswordIssuer {
  #version = 0;
  /** The passwords that are valid, newest first. */
  #valid: Map<string, IssuedPassword>[] = [];
  #changing: Promise<unknown> = Promise.resolve();
  readonly #http: Server;

  /** @param lifetimeMs how long a password is valid: two changes must come within it. */
  constructor(
    private readonly services: string[],
    private readonly lifetimeMs: number,
    private readonly apply: ApplyUsers,
  ) {
    this.#http = createServer((request, response) => {
      const service = new URL(request.url ?? '/', 'http://issuer').pathname.slice('/passwords/'.length);
      void this.#issue(service).then((issued) => {
        response.writeHead(issued ? 200 : 404, { 'content-type': 'application/json' });
        response.end(JSON.stringify(issued ?? { error: 'no such service' }));
      });
    });
  }

  get version(): number {
    return this.#version;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
  }

  /** Gives every service a new password; resolves once the NATS server knows it and has forgotten the last but one. */
  async changePasswords(): Promise<void> {
    this.#changing = this.#change();
    await this.#changing;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#http.close(resolve));
  }

  async #change(): Promise<void> {
    const version = ++this.#version;
    const expiresAt = Date.now() + this.lifetimeMs;
    const issue = (service: string): IssuedPassword => {
      return {
        user: `${service}-v${version}`,
        pass: randomBytes(18).toString('base64url'),
        version,
        expiresAt,
      };
    };
    this.#valid = [
      new Map(this.services.map((service) => [service, issue(service)])),
      ...this.#valid.slice(0, 1),
    ];
    await this.apply(this.#valid.flatMap((passwords) => [...passwords.values()]));
  }

  /** A service that asks in the middle of a change gets the password that the server knows after it. */
  async #issue(service: string): Promise<IssuedPassword | undefined> {
    await this.#changing;
    return this.#valid[0]?.get(service);
  }
}
