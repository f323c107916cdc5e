import { Injectable } from '@nestjs/common';

/** Stands in for whatever knows the current password: a vault, a web service, a file. */
@Injectable()
export class PasswordsService {
  #password = 'first';

  current(): Promise<string> {
    return Promise.resolve(this.#password);
  }

  change(password: string): void {
    this.#password = password;
  }
}
