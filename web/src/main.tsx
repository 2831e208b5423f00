import '@fontsource-variable/archivo/wdth.css';
import './styles/tokens.css';
import './styles/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { createServices } from './services.js';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
const services = createServices(window);
createRoot(root).render(
  <StrictMode>
    <App services={services} />
  </StrictMode>,
);
