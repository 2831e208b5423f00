// Sends traces of the service to an OpenTelemetry collector. It is loaded before the service, which does not import it:
//   npm ci --prefix ops/otel
//   node --import ./ops/otel/start.mjs dist/main.js
// OpenTelemetry's own environment variables configure it: docs/operations.md lists the important ones.
import { register } from 'node:module';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

/** Health checks and scrapes are not traced: they would outnumber the requests. */
const PROBES = ['/livez', '/readyz', '/api/health', '/metrics'];
/** While the process stops. */
const FLUSH_INTERVAL_MS = 20;

// The service consists of ES modules. Only these two imports are instrumented.
register('@opentelemetry/instrumentation/hook.mjs', import.meta.url, { data: { include: ['http', 'pg'] } });

const provider = new NodeTracerProvider({
  resource: defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'drop-inventory' }))
    .merge(detectResources({ detectors: [envDetector] })),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
provider.register();

registerInstrumentations({
  tracerProvider: provider,
  instrumentations: [
    new HttpInstrumentation({
      ignoreIncomingRequestHook: ({ url = '' }) => PROBES.includes(url.split('?')[0] ?? ''),
      // A start asks whether the service is already running.
      requireParentforOutgoingSpans: true,
      // The route and the request id are known when the request has been answered.
      applyCustomAttributesOnSpan(span, request) {
        const { route, method, requestId } =
          /** @type {{ route?: { path: string }, method?: string, requestId?: string }} */ (request);
        if (route) {
          span.setAttribute('http.route', route.path);
          span.updateName(`${method} ${route.path}`);
        }
        if (requestId !== undefined) span.setAttribute('request.id', requestId);
      },
    }),
    // The service's own periodic queries belong to no trace.
    new PgInstrumentation({ requireParentSpan: true }),
  ],
});

// The service ends the process after its last requests. Until then their spans are sent.
const flush = () => void provider.forceFlush().catch(() => undefined);
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    flush();
    setInterval(flush, FLUSH_INTERVAL_MS).unref();
  });
}
