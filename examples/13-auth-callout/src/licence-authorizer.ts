import { Injectable } from '@nestjs/common';
import {
  type Admission,
  type Authorizer,
  type CalloutRequest,
  clientPermissions,
  RefusedError,
} from 'nestjs-nats-auth/callout';

import { Licences } from './licences.js';

/** Says who may come in, as whom, and for how long. The module does the rest. */
@Injectable()
export class LicenceAuthorizer implements Authorizer {
  constructor(private readonly licences: Licences) {} // anything your application can inject

  async authorize({ credentials: { token = '' } }: CalloutRequest): Promise<Admission> {
    const licence = await this.licences.find(token);
    if (!licence) throw new RefusedError('nobody has this licence');
    return {
      account: 'APP',
      name: licence.customer,
      permissions: clientPermissions({ sends: [`customers.${licence.customer}.>`] }),
      expiresAt: licence.validUntil,
    };
  }
}
