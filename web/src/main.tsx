import '@fontsource-variable/archivo/wdth.css';
import '../../public/design/tokens.css';
import './styles/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { createServices } from './services/services.js';
import { PageLoadError } from './page/lazy-page.js';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

const services = createServices(window);
createRoot(root, {
  onCaughtError(error) {
    // The browser has reported the failed request already.
    if (!(error instanceof PageLoadError)) reportError(error);
  },
}).render(
  <StrictMode>
    <App services={services} />
  </StrictMode>,
);
