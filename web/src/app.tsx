import { QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { Route, Switch, useRoute } from 'wouter';
import { texts } from './texts/texts.js';
import { DropListPage } from './drops/drop-list-page.js';
import { DropPage } from './drops/drop-page.js';
import { ServicesProvider, type PageServices } from './services/services.js';
import { AppBoundary } from './shell/app-boundary.js';
import { lazyPage } from './page/lazy-page.js';
import { Page } from './page/page.js';
import { PageBoundary } from './page/page-boundary.js';
import { Shell } from './shell/shell.js';
import { SignInDialog } from './shell/sign-in-to-reserve.js';
import { ButtonLink } from './ui/button.js';
import { Message } from './ui/message.js';

// The list and the drop are part of the first load; the other pages are loaded when they are opened, or when the browser is idle.
const SignInPage = lazyPage(async () => (await import('./auth/form/account-pages.js')).SignInPage);
const RegisterPage = lazyPage(async () => (await import('./auth/form/account-pages.js')).RegisterPage);
const HoldsPage = lazyPage(async () => (await import('./holds/holds-page.js')).HoldsPage);
const PurchasesPage = lazyPage(async () => (await import('./purchases/purchases-page.js')).PurchasesPage);
const AccountPage = lazyPage(async () => (await import('./account/account-page.js')).AccountPage);
const DashboardPage = lazyPage(async () => (await import('./dashboard/dashboard-page.js')).DashboardPage);
const WallPage = lazyPage(async () => (await import('./dashboard/wall/wall-page.js')).WallPage);
const AdminPage = lazyPage(async () => (await import('./admin/admin-page.js')).AdminPage);
const NewDropPage = lazyPage(async () => (await import('./admin/form/new-drop-page.js')).NewDropPage);
const HelpPage = lazyPage(async () => (await import('./help/help-pages.js')).HelpPage);
const TermsPage = lazyPage(async () => (await import('./help/help-pages.js')).TermsPage);
const OrganiserPage = lazyPage(async () => (await import('./organiser/organiser-page.js')).OrganiserPage);

/** A few kilobytes each: they are preloaded, and then open without network. */
const SMALL_PAGES = [
  SignInDialog,
  SignInPage,
  RegisterPage,
  HoldsPage,
  PurchasesPage,
  AccountPage,
  HelpPage,
  TermsPage,
  AdminPage,
  NewDropPage,
  OrganiserPage,
];

const PAGES = {
  '/': DropListPage,
  '/holds': HoldsPage,
  '/purchases': PurchasesPage,
  '/account': AccountPage,
  '/sign-in': SignInPage,
  '/register': RegisterPage,
  '/help': HelpPage,
  '/terms': TermsPage,
  '/dashboard': DashboardPage,
  '/dashboard/:id': WallPage,
  '/admin': AdminPage,
  '/admin/new': NewDropPage,
  '/admin/drops/:id': OrganiserPage,
} as const;

export function App({ services: pageServices }: { readonly services: PageServices }) {
  const { identity, onIdentity } = pageServices;
  const current = useSyncExternalStore(onIdentity, identity);
  const services = useMemo(() => ({ ...pageServices, ...current }), [pageServices, current]);
  const [isWall] = useRoute('/dashboard/:id');
  useEffect(preloadWhenIdle, []);
  return (
    <AppBoundary>
      <ServicesProvider value={services}>
        <QueryClientProvider client={services.queries}>
          <Shell isBare={isWall}>
            <Switch>
              {Object.entries(PAGES).map(([path, Component]) => (
                <Route key={path} path={path}>
                  <PageBoundary key={path}>
                    <Component />
                  </PageBoundary>
                </Route>
              ))}
              <Route path="/drops/:id">
                {({ id }) => (
                  <PageBoundary key={id}>
                    <DropPage id={id} />
                  </PageBoundary>
                )}
              </Route>
              <Route>
                <NotFoundPage />
              </Route>
            </Switch>
          </Shell>
        </QueryClientProvider>
      </ServicesProvider>
    </AppBoundary>
  );
}

function NotFoundPage() {
  const { title, heading, text } = texts.page.notFound;
  return (
    <Page title={title}>
      <Message title={heading} action={<ButtonLink href="/">{texts.common.browseDrops}</ButtonLink>}>
        {text}
      </Message>
    </Page>
  );
}

function preloadWhenIdle(): () => void {
  // One after the other: all at once they would take the connections that pictures need.
  const preload = async () => {
    for (const page of SMALL_PAGES) await page.preload();
  };
  // Safari has no requestIdleCallback.
  if (!('requestIdleCallback' in window)) {
    const timer = setTimeout(() => void preload(), 2_000);
    return () => {
      clearTimeout(timer);
    };
  }
  const idle = requestIdleCallback(() => void preload(), { timeout: 10_000 });
  return () => {
    cancelIdleCallback(idle);
  };
}
