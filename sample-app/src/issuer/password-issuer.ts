import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the issuer tells a service that asks for its password. */
export interface IssuedPassword {
  user: string;
  pass: string;
  version: number;
}

/** Where the users of the NATS server are kept; the demo reloads a real nats-server. */
export type ApplyUsers = (users: { user: string; pass: string }[]) => Promise<unknown>;

/**
 * Stands for a company's identity system: it knows the current password of each service, changes it in the NATS
 * server every now and then, and hands it out over HTTP.
 */
export class PasswordIssuer {
  #version = 0;
  #passwords = new Map<string, string>();
  #changing: Promise<unknown> = Promise.resolve();
  readonly #http: Server;

  constructor(
    private readonly users: string[],
    private readonly apply: ApplyUsers,
  ) {
    this.#http = createServer((request, response) => {
      const user = new URL(request.url ?? '/', 'http://issuer').pathname.slice('/passwords/'.length);
      void this.#issue(user).then((issued) => {
        response.writeHead(issued ? 200 : 404, { 'content-type': 'application/json' });
        response.end(JSON.stringify(issued ?? { error: 'no such user' }));
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

  /** Gives every user a new password; resolves once the NATS server has it and has cut off the old ones. */
  async changePasswords(): Promise<void> {
    const change = async () => {
      this.#version++;
      this.#passwords = new Map(this.users.map((user) => [user, randomBytes(18).toString('base64url')]));
      await this.apply([...this.#passwords].map(([user, pass]) => ({ user, pass })));
    };
    this.#changing = change();
    await this.#changing;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#http.close(resolve));
  }

  /** A service that asks in the middle of a change gets the password that is valid after it. */
  async #issue(user: string): Promise<IssuedPassword | undefined> {
    await this.#changing;
    const pass = this.#passwords.get(user);
    return pass === undefined ? undefined : { user, pass, version: this.#version };
  }
}
