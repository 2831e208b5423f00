import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { DropListPage } from './drops/drop-list-page.js';
import { DropPage } from './drops/drop-page.js';
import { ServicesProvider, type Services } from './services.js';
import { NotFoundPage } from './shell/not-found-page.js';
import { Shell } from './shell/shell.js';
import { Loading } from './ui/loading.js';

// What most people come for is there at once; the rest is loaded when it is looked at.
const SignInPage = lazy(() => import('./auth/sign-in-page.js').then((page) => ({ default: page.SignInPage })));
const RegisterPage = lazy(() => import('./auth/register-page.js').then((page) => ({ default: page.RegisterPage })));
const HoldsPage = lazy(() => import('./holds/holds-page.js').then((page) => ({ default: page.HoldsPage })));
const PurchasesPage = lazy(() =>
  import('./purchases/purchases-page.js').then((page) => ({ default: page.PurchasesPage })),
);
const DashboardPage = lazy(() =>
  import('./dashboard/dashboard-page.js').then((page) => ({ default: page.DashboardPage })),
);
const AdminPage = lazy(() => import('./admin/admin-page.js').then((page) => ({ default: page.AdminPage })));

export function App({ services }: { readonly services: Services }) {
  return (
    <ServicesProvider value={services}>
      <QueryClientProvider client={services.queries}>
        <Shell>
          <Suspense fallback={<Loading />}>
            <Switch>
              <Route path="/" component={DropListPage} />
              <Route path="/drops/:id">{({ id }) => <DropPage key={id} id={id} />}</Route>
              <Route path="/holds" component={HoldsPage} />
              <Route path="/purchases" component={PurchasesPage} />
              <Route path="/sign-in" component={SignInPage} />
              <Route path="/register" component={RegisterPage} />
              <Route path="/dashboard" component={DashboardPage} />
              <Route path="/admin" component={AdminPage} />
              <Route component={NotFoundPage} />
            </Switch>
          </Suspense>
        </Shell>
      </QueryClientProvider>
    </ServicesProvider>
  );
}
