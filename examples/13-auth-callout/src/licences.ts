import { Injectable } from '@nestjs/common';

export interface Licence {
  readonly customer: string;
  readonly validUntil: Date;
}

/** What would be a database. */
@Injectable()
export class Licences {
  readonly #byToken = new Map<string, Licence>();

  grant(token: string, licence: Licence): void {
    this.#byToken.set(token, licence);
  }

  find(token: string): Promise<Licence | undefined> {
    return Promise.resolve(this.#byToken.get(token));
  }
}
