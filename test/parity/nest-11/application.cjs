// One application for both majors of NestJS: it is given the packages of the one that runs it. Decorators are applied by
// hand, as this file is not compiled.

/** Calls as a text what an observable told: values, then `|` or the error. */
function outcome({ rxjs }, observable) {
  const line = [];
  return new Promise((resolve) => {
    const end = (text) => resolve([...line, text].join(' '));
    observable.pipe(rxjs.timeout(2_000)).subscribe({
      next: (value) => line.push(value === undefined ? 'undefined' : JSON.stringify(value)),
      complete: () => end('|'),
      error: (error) =>
        end(
          error instanceof Error
            ? `${error.constructor.name}: ${error.message}`
            : `error ${JSON.stringify(error)}`,
        ),
    });
  });
}

/** A controller whose handlers show what this package's transport and the stock one could differ in. */
function createController({ microservices, common, rxjs }) {
  const { Ctx, EventPattern, MessagePattern, Payload, RpcException } = microservices;
  const heard = [];

  class Conversation {
    sum(numbers) {
      return numbers.reduce((a, b) => a + b, 0);
    }
    subject(context) {
      return context.getSubject();
    }
    headers(data, context) {
      return { data, tenant: context.getHeaders()?.get('x-tenant') };
    }
    stream() {
      return rxjs.of(1, 2, 3);
    }
    empty() {
      return rxjs.EMPTY;
    }
    refuse() {
      throw new RpcException({ code: 404 });
    }
    fail() {
      throw new Error('a secret of the service');
    }
    event(data, context) {
      heard.push(`${data} for ${context.getHeaders()?.get('x-tenant')}`);
    }
    heard() {
      return heard;
    }
  }

  const bind = (method, decorator, ...parameters) => {
    parameters.forEach((parameter, index) => parameter(Conversation.prototype, method, index));
    decorator(
      Conversation.prototype,
      method,
      Object.getOwnPropertyDescriptor(Conversation.prototype, method),
    );
  };
  bind('sum', MessagePattern({ cmd: 'sum' }), Payload());
  bind('subject', MessagePattern('things.*.get'), Ctx());
  bind('headers', MessagePattern('headers'), Payload(), Ctx());
  bind('stream', MessagePattern('stream'));
  bind('empty', MessagePattern('empty'));
  bind('refuse', MessagePattern('refuse'));
  bind('fail', MessagePattern('fail'));
  bind('event', EventPattern('event'), Payload(), Ctx());
  bind('heard', MessagePattern('heard'));
  common.Controller()(Conversation);
  return Conversation;
}

/** Sends and emits on a client; `tenant` goes as a header. */
function createCaller(packages, client) {
  const { microservices, nats } = packages;
  const record = (data, tenant) => {
    // Between processes undefined becomes null.
    if (tenant === undefined || tenant === null) return data;
    const headers = nats.headers();
    headers.set('x-tenant', tenant);
    return new microservices.NatsRecordBuilder(data).setHeaders(headers).build();
  };
  return {
    send: (pattern, data, tenant) => outcome(packages, client.send(pattern, record(data, tenant))),
    emit: (pattern, data, tenant) => outcome(packages, client.emit(pattern, record(data, tenant))),
  };
}

module.exports = { createCaller, createController };
