import type { MetricsRegistry } from './prometheus.js';

/** What a scrape is answered with. */
export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8';
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const OPENMETRICS_END = '# EOF\n';

/**
 * Everything that is in the registries: as OpenMetrics when the scraper asks for it or a registry is of that format, in
 * Prometheus's text format otherwise. No two of them may have a metric of one name.
 * @param accept the scraper's `Accept` header.
 */
export async function expose(registries: readonly MetricsRegistry[], accept = ''): Promise<Exposition> {
  const openMetrics =
    prefersOpenMetrics(accept) || registries.some(({ contentType }) => contentType === OPENMETRICS);
  const contentType = openMetrics ? OPENMETRICS : PROMETHEUS;
  const texts = await Promise.all(registries.map((registry) => viewOf(registry, contentType).metrics()));
  const body = texts.map((text) => (openMetrics ? text.slice(0, -OPENMETRICS_END.length) : text)).join('');
  return { contentType, body: openMetrics ? body + OPENMETRICS_END : body };
}

/**
 * The registry in another format. A format is a property of a registry, and the application's is not ours to change; nor
 * are its metrics, which prom-client 15 renames for good when it writes them as OpenMetrics.
 */
function viewOf(registry: MetricsRegistry, contentType: string): MetricsRegistry {
  return Object.create(registry, {
    contentType: { value: contentType },
    getMetricsAsArray: {
      value: () => registry.getMetricsAsArray().map((metric) => Object.create(metric as object) as object),
    },
  }) as MetricsRegistry;
}

function prefersOpenMetrics(accept: string): boolean {
  const weightOf = (type: string) =>
    Math.max(
      0,
      ...accept.split(',').flatMap((range) => (range.trim().startsWith(type) ? [quality(range)] : [])),
    );
  const weight = weightOf('application/openmetrics-text');
  return weight > 0 && weight >= weightOf('text/plain');
}

/** The `q` of a media range; 1 when it has none. */
function quality(range: string): number {
  return Number(/;\s*q=([\d.]+)/.exec(range)?.[1] ?? 1);
}
