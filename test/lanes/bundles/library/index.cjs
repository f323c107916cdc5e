const { Module } = require('@nestjs/common');
const { NatsAuthClient, NatsAuthError, NatsAuthModule, getNatsAuthClientToken } = require('nestjs-nats-auth');
const { withRetry } = require('nestjs-nats-auth/providers');
const { eventually } = require('nestjs-nats-auth/testing');

class OrdersModule {
  /** Calls the orders service by the application's registration, and by one of the library's own. */
  static forRoot(options) {
    return {
      module: OrdersModule,
      imports: [NatsAuthModule.forRoot({ ...options, name: 'library' })],
      providers: [
        {
          provide: 'ORDERS',
          inject: [NatsAuthClient, getNatsAuthClientToken('library')],
          useFactory: (ofApplication, ofLibrary) => ({ ofApplication, ofLibrary }),
        },
      ],
      exports: ['ORDERS'],
    };
  }
}
Module({})(OrdersModule);

exports.OrdersModule = OrdersModule;
exports.shared = { NatsAuthClient, NatsAuthError, NatsAuthModule, withRetry, eventually };
exports.isNatsAuthError = (error) => error instanceof NatsAuthError;
