import type { Driver } from '../../libs/connection/index.js';
import { loadOpenTelemetry } from './open-telemetry.js';
import type { MessageHeaders } from './traced-operation.js';
import { type SpansWanted, Tracing } from './tracing.js';
import { type TracingOptions, tracingSettings } from './tracing-options.js';

/**
 * Loads `@opentelemetry/api`, if there are to be spans.
 * @throws {@link OptionsInvalidError}
 * @throws {@link PackageMissingError}
 */
export async function loadTracing(
  options: TracingOptions | boolean | undefined,
): Promise<SpansWanted | undefined> {
  const settings = tracingSettings(options);
  return settings && { settings, otel: await loadOpenTelemetry() };
}

/** The tracing of one registration: without spans it is for the diagnostics channels only. */
export function createTracing(connection: string, { main }: Driver, spans?: SpansWanted): Tracing {
  const { headers } = main as { readonly headers: () => MessageHeaders };
  return new Tracing(connection, headers, spans);
}
