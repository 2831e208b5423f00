// Traces of the service, sent to an OpenTelemetry collector. Loaded before the service, which knows nothing of it:
//   npm ci --prefix ops/otel
//   node --import ./ops/otel/start.mjs dist/main.js
// It is set up by OpenTelemetry's own environment variables: docs/operations.md has those that matter.
import { register } from 'node:module';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

/** What asks how the service is would drown what it does. */
const PROBES = ['/livez', '/readyz', '/api/health', '/metrics'];
/** ms. Between two looks at what is left to send, once the process has been told to end. */
const LAST_FLUSHES = 20;

// The service is made of ES modules: these are what it imports, and no other module is touched.
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
      // Known when the request has been answered: its route, and the id by which the log knows it.
      applyCustomAttributesOnSpan(span, request, response) {
        const { route, method } = /** @type {{ route?: { path: string }, method?: string }} */ (request);
        if (route) {
          span.setAttribute('http.route', route.path);
          span.updateName(`${method} ${route.path}`);
        }
        const id = 'getHeader' in response ? response.getHeader('X-Request-Id') : undefined;
        if (typeof id === 'string') span.setAttribute('request.id', id);
      },
    }),
    // What the service asks by itself, several times a second, is nobody's trace.
    new PgInstrumentation({ requireParentSpan: true }),
  ],
});

// The service ends its process itself when it has drained; what its last requests left is sent until then.
const flush = () => void provider.forceFlush().catch(() => undefined);
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    flush();
    setInterval(flush, LAST_FLUSHES).unref();
  });
}
