import { type DynamicModule, Module } from '@nestjs/common';

import { AuthCalloutService } from './auth-callout.service.js';
import { CALLOUT_OPTIONS, type CalloutOptions } from './callout-options.js';
import { TokenVerifier } from './token-verifier.js';

@Module({})
export class AuthCalloutModule {
  static with(options: CalloutOptions): DynamicModule {
    return {
      module: AuthCalloutModule,
      providers: [
        { provide: CALLOUT_OPTIONS, useValue: options },
        { provide: TokenVerifier, useFactory: () => new TokenVerifier(options.issuer, options.audience) },
        AuthCalloutService,
      ],
    };
  }
}
