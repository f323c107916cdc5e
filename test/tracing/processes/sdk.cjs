// OpenTelemetry's SDK, as an application sets it up before it loads NestJS; each span that ends is sent to the parent.
const process = require('node:process');

const { context, propagation, trace } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} = require('@opentelemetry/core');
const { BasicTracerProvider, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base');

const toParent = {
  export(spans, done) {
    for (const span of spans) {
      const { name, kind, attributes, instrumentationScope, parentSpanContext } = span;
      const { traceId, spanId } = span.spanContext();
      const scope = instrumentationScope.name;
      process.send?.({
        span: { name, kind, traceId, spanId, parent: parentSpanContext?.spanId, scope, attributes },
      });
    }
    done({ code: 0 });
  },
  shutdown: () => Promise.resolve(),
};

const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(toParent)] });
trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(
  new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
);

/** There is none for NestJS 12. */
function instrumentNest() {
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  const { NestInstrumentation } = require('@opentelemetry/instrumentation-nestjs-core');
  registerInstrumentations({ tracerProvider: provider, instrumentations: [new NestInstrumentation()] });
}

module.exports = { instrumentNest };
