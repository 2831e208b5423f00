import '@fontsource-variable/archivo/wdth.css';
import './styles/tokens.css';
import './styles/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { createServices } from './services.js';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
// A page opened before an update asks for parts that are no longer there: the page as it is now has others. While the
// server is away it would have nothing at all.
window.addEventListener('vite:preloadError', () => {
  const reload = () => window.location.reload();
  void fetch('/livez', { cache: 'no-store' })
    .then(({ ok }) => ok && reload())
    .catch(() => undefined);
});

const services = createServices(window);
createRoot(root).render(
  <StrictMode>
    <App services={services} />
  </StrictMode>,
);
