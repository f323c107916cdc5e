import { type DynamicModule, Module } from '@nestjs/common';

import { IssuerClient } from './issuer.client.js';

@Module({})
export class IssuerClientModule {
  static at(url: string): DynamicModule {
    return {
      module: IssuerClientModule,
      providers: [{ provide: IssuerClient, useFactory: () => new IssuerClient(url) }],
      exports: [IssuerClient],
    };
  }
}
