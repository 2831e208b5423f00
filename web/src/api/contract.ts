// Made by `npm run api:types` from the routes of the service. Do not edit.
/* eslint-disable */

export interface paths {
  '/api/users/register': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Create an account
     * @description A user account; the response signs it in.
     *
     *     Needs no token.
     */
    post: operations['register'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/users/login': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Sign in
     * @description With the e-mail and the password. The token is valid for the time that the server is configured with.
     *
     *     Needs no token.
     */
    post: operations['login'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/users/me': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Show my account
     * @description The account of the token.
     *
     *     For every account, and for its own data only.
     */
    get: operations['getMe'];
    put?: never;
    post?: never;
    /**
     * Delete my account
     * @description Removes username, e-mail and password for good, ends all tokens, and releases the active holds. The reservations and purchases stay, with a name that is no person’s.
     *
     *     For every account, and for its own data only.
     */
    delete: operations['deleteMe'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/users/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Show an account
     * @description With its e-mail.
     *
     *     Only for the owner of the account, and for admins. All other accounts get 403 `forbidden`.
     */
    get: operations['getUser'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/users/logout': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Sign out
     * @description The token of the request ends, and its sockets are closed within a second.
     *
     *     For every account, and for its own data only.
     */
    post: operations['logout'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/users/logout-all': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Sign out everywhere
     * @description All tokens of the account end, and their sockets are closed within a second.
     *
     *     For every account, and for its own data only.
     */
    post: operations['logoutAll'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/users/me/password': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /**
     * Change my password
     * @description All other tokens of the account end. The response has the new one.
     *
     *     For every account, and for its own data only.
     */
    patch: operations['changePassword'];
    trace?: never;
  };
  '/api/users/me/export': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Download my data
     * @description Everything that is kept of the account, except the hash of the password. It is sent while it is read: if the connection closes before the end of the JSON, the export failed and may be repeated.
     *
     *     For every account, and for its own data only.
     */
    get: operations['exportMe'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/users/{id}/disable': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Disable an account
     * @description Its tokens end, its sockets are closed within a second, and its active holds are released. It cannot sign in until it is enabled. May be repeated.
     *
     *     Only for admins.
     */
    post: operations['disableUser'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/users/{id}/enable': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Enable a disabled account
     * @description It can sign in again. May be repeated.
     *
     *     Only for admins.
     */
    post: operations['enableUser'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/drops': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List drops, newest first or as a shop shows them
     * @description At most a quarter of a second old, and never older than a change that this server has confirmed. Send the `ETag` as `If-None-Match`: the response for an unchanged page is 304, without a body.
     *
     *     Needs no token.
     */
    get: operations['listDrops'];
    put?: never;
    /**
     * Create a drop
     * @description Published to every socket as `new_drop`, unless it is a draft. Send an Idempotency-Key to repeat safely.
     *
     *     Only for admins.
     */
    post: operations['createDrop'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/drops': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List all drops, drafts as well
     * @description As an organiser sees them, in a chosen order.
     *
     *     Only for admins.
     */
    get: operations['listAllDrops'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/drops/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Show one drop
     * @description With its stock, its status now and its three latest purchasers.
     *
     *     Needs no token. A draft is shown to admins only: all others get 404 `drop-not-found`.
     */
    get: operations['getDrop'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /**
     * Change details of a drop
     * @description Members that are left out stay as they are. A new start, end or limit takes effect for the next request; a new `holdSeconds` for the reservations that follow, as does a new price. The currency can be changed until the first unit is reserved. Published as `drop_update`. A cancelled drop cannot be changed.
     *
     *     Only for admins.
     */
    patch: operations['changeDrop'];
    trace?: never;
  };
  '/api/drops/{id}/movements': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Show the stock of a drop over time
     * @description From the ledger, oldest first, always with the newest. If there are more than `limit`, that many are returned, evenly distributed. Each carries the counts after it, so there is nothing to sum up. At most a second old.
     *
     *     Needs no token. A draft is shown to admins only: all others get 404 `drop-not-found`.
     */
    get: operations['listMovements'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/drops/{id}/publish': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Publish a draft
     * @description Published to every socket as `new_drop`. It is on sale at once if its start has passed. May be repeated: nothing happens then.
     *
     *     Only for admins.
     */
    post: operations['publishDrop'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/drops/{id}/pause': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Pause the sale of a drop
     * @description No unit is reserved from then on. Holds stay, and can be purchased. May be repeated: nothing happens then.
     *
     *     Only for admins.
     */
    post: operations['pauseDrop'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/drops/{id}/resume': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Resume the sale of a paused drop
     * @description Units can be reserved again. May be repeated: nothing happens then.
     *
     *     Only for admins.
     */
    post: operations['resumeDrop'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/drops/{id}/end': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * End the sale of a drop
     * @description Sets its end to now. Holds stay, and can be purchased. A drop that has not started cannot end; cancel it instead. A later end opens the sale again. May be repeated: nothing happens then.
     *
     *     Only for admins.
     */
    post: operations['endDrop'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/drops/{id}/cancel': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Cancel a drop for good
     * @description Its holds are released: each owner receives a `reservation_update` with the reason `drop-cancelled`. What was purchased stays. May be repeated: nothing happens then.
     *
     *     Only for admins.
     */
    post: operations['cancelDrop'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/drops/{id}/stock': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Put units of a drop on sale, or take some off
     * @description At any time before the drop ends. Units that are held or sold cannot be taken off. Send an Idempotency-Key to repeat safely: the same request again would change the stock again.
     *
     *     Only for admins.
     */
    post: operations['changeStock'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/drops/{id}/ledger': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Show every change of a drop: what, why and by whom
     * @description In the order of versions. One movement may have several causes: a reservation may take the unit of a hold that expired. With `Accept: text/csv` the whole ledger is sent in CSV while it is read: if the connection closes before the end, it failed and may be repeated.
     *
     *     Only for admins.
     */
    get: operations['listLedger'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/drops/{id}/stats': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Show how a drop has sold
     * @description From the database, and so the same after a restart. At most a second old; each server adds its refusals once a second, so that they are up to two seconds old. A server that is killed loses the refusals of its last second.
     *
     *     Only for admins.
     */
    get: operations['getDropStats'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/reservations': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List my active reservations, newest first
     * @description Those that can still be purchased. A reservation whose time is over is not in the list.
     *
     *     For every account, and for its own data only.
     */
    get: operations['listReservations'];
    put?: never;
    /**
     * Reserve one unit of a drop
     * @description The unit leaves the available stock at once and is held for the `holdSeconds` of the drop. Send an Idempotency-Key to repeat safely.
     *
     *     For every account, and for its own data only.
     */
    post: operations['createReservation'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/reservations/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Release a reservation
     * @description The unit is available again at once. May be repeated.
     *
     *     Only for the owner of the reservation. All other accounts get 403 `not-your-reservation`.
     */
    delete: operations['releaseReservation'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/reservations/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Release the reservation of any user
     * @description The unit is available again at once. The owner receives a `reservation_update` with the reason `released-by-admin`; the reason in the request is for the ledger only. May be repeated: nothing happens then.
     *
     *     Only for admins.
     */
    delete: operations['releaseReservationByAdmin'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/purchases': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Purchase the unit that a reservation holds
     * @description At the price that the drop had when it was reserved. Send an Idempotency-Key to repeat safely.
     *
     *     Only for the owner of the reservation. All other accounts get 403 `not-your-reservation`.
     */
    post: operations['createPurchase'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/purchases/mine': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List my purchases, newest first
     * @description Each with the name, the price and the image of its drop now. All, or those of one drop.
     *
     *     For every account, and for its own data only.
     */
    get: operations['listMyPurchases'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/drops/{id}/reservations': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the reservations of a drop with their users
     * @description Newest first. With `Accept: text/csv` all that match are sent in CSV while they are read, whatever the page is: if the connection closes before the end, it failed and may be repeated. A reservation whose time is over is `active`, and its unit is reserved, until the server reclaims it: about a second later at most.
     *
     *     Only for admins.
     */
    get: operations['listDropReservations'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/drops/{id}/purchases': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the purchases of a drop with their users
     * @description Newest first. With `Accept: text/csv` all that match are sent in CSV while they are read, whatever the page is: if the connection closes before the end, it failed and may be repeated.
     *
     *     Only for admins.
     */
    get: operations['listDropPurchases'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/health': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Check that the API answers
     * @description The same check as `/livez`.
     *
     *     Needs no token.
     */
    get: operations['health'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/livez': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Check that the process is alive
     * @description Succeeds while the database is unavailable: a restart of the process would not help.
     *
     *     Needs no token.
     */
    get: operations['livez'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/readyz': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Check that requests can be served
     * @description Fails while the database is unavailable and from the start of a shutdown.
     *
     *     Needs no token.
     */
    get: operations['readyz'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /** @description The account that signed in, and its token. */
    Session: {
      /** @description The account. */
      user: {
        /**
         * Format: uuid
         * @description Id of the user.
         */
        id: string;
        /** @description Shown to others. */
        username: string;
        /** @description Visible to the user and to admins only. */
        email: string;
        /**
         * @description Admins create drops.
         * @enum {string}
         */
        role: 'user' | 'admin';
      };
      /** @description Send it as `Authorization: Bearer …`, and to sockets as `auth.token`. */
      token: string;
    };
    /** @description Every failure: application/problem+json (RFC 9457). */
    Problem: {
      /**
       * Format: uri
       * @description The page that explains this problem.
       */
      type: string;
      /** @description A short name of the problem. */
      title: string;
      /** @description The HTTP status. */
      status: number;
      /** @description What went wrong. */
      detail: string;
      /** @description The path of the request. */
      instance: string;
      /**
       * @description The code of the problem, for programs.
       * @enum {string}
       */
      code:
        | 'validation-failed'
        | 'malformed-json'
        | 'unauthenticated'
        | 'invalid-credentials'
        | 'forbidden'
        | 'not-your-reservation'
        | 'route-not-found'
        | 'user-not-found'
        | 'drop-not-found'
        | 'reservation-not-found'
        | 'method-not-allowed'
        | 'request-timeout'
        | 'email-taken'
        | 'username-taken'
        | 'own-account'
        | 'last-admin'
        | 'sold-out'
        | 'already-reserved'
        | 'limit-reached'
        | 'cool-down'
        | 'drop-not-started'
        | 'drop-paused'
        | 'drop-state'
        | 'currency-in-use'
        | 'stock-in-use'
        | 'stock-limit'
        | 'drop-ended'
        | 'reservation-expired'
        | 'reservation-settled'
        | 'payload-too-large'
        | 'unsupported-media-type'
        | 'idempotency-key-reused'
        | 'rate-limited'
        | 'headers-too-large'
        | 'internal-error'
        | 'unavailable'
        | 'overloaded'
        | 'outcome-unknown';
      /** @description Finds the request in the log; also in X-Request-Id. */
      requestId: string;
      /**
       * @description The same text as `detail`: sentences for people, without paths, times or names of headers.
       * @example Name must not be empty. The start must be a date and a time of day with a time zone
       */
      message: string;
      /** @description With `validation-failed`: every invalid field. */
      errors?: {
        /**
         * @description The field.
         * @example query.pagesize
         */
        path: string;
        /**
         * @description What was expected. The text in parentheses is for developers.
         * @example is not known; did you mean pageSize? (known here: page, pageSize)
         */
        message: string;
      }[];
      /** @description With `already-reserved`: the user’s reservation, as the API returns it. */
      reservation?: {
        [key: string]: unknown;
      };
      /**
       * Format: date-time
       * @description With `drop-not-started`: when the drop starts.
       */
      startsAt?: string;
      /**
       * @description With `unauthenticated`: why a token that has not expired is refused.
       * @enum {string}
       */
      reason?: 'deleted' | 'disabled' | 'signed-out';
      /**
       * Format: date-time
       * @description With `cool-down`: when the user can reserve this drop again.
       */
      retryAt?: string;
      /**
       * @description With `sold-out`: whether held units may come back, or every unit is bought.
       * @enum {string}
       */
      availability?: 'all_held' | 'sold_out';
      /** @description With `limit-reached`: units per user. */
      limitPerUser?: number;
      /**
       * @description With `drop-state`: the status of the drop.
       * @enum {string}
       */
      state?: 'scheduled' | 'live' | 'sold_out' | 'paused' | 'ended' | 'cancelled' | 'draft';
      /** @description With `stock-in-use`: the most units that can be taken off. With `stock-limit`: that can be added. */
      possible?: number;
    };
    RegisterBody: {
      /**
       * @description 3 to 32 letters, digits or `_` `.` `-`; shown to others after a purchase.
       * @example ada_l
       */
      username: string;
      /**
       * Format: email
       * @description Visible to the user and to admins only.
       * @example ada@example.com
       */
      email: string;
      /**
       * @description 6 characters to 72 bytes, in Unicode’s normalization form C. In production not one of the most common passwords, the username or the e-mail.
       * @example correct horse
       */
      password: string;
    };
    LoginBody: {
      /**
       * @description Upper and lower case are the same.
       * @example ada@example.com
       */
      email: string;
      /**
       * @description The password of the account.
       * @example correct horse
       */
      password: string;
    };
    /** @description An account. */
    Profile: {
      /**
       * Format: uuid
       * @description Id of the user.
       */
      id: string;
      /** @description Shown to others. */
      username: string;
      /** @description Visible to the user and to admins only. */
      email: string;
      /**
       * @description Admins create drops.
       * @enum {string}
       */
      role: 'user' | 'admin';
      /**
       * Format: date-time
       * @description When the account was created.
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When an admin disabled the account; null if it is not disabled.
       */
      disabledAt: string | null;
      /** @description The reason that the admin gave; null if there is none. */
      disabledReason: string | null;
      /**
       * Format: date-time
       * @description When it was enabled again; null if it is disabled, or never was.
       */
      enabledAt: string | null;
      /** @description The reason that the admin gave for that; null if there is none. */
      enabledReason: string | null;
    };
    /** @description A new token. */
    Token: {
      /** @description The only token of the account that is valid now. */
      token: string;
    };
    ChangePasswordBody: {
      /**
       * @description The password of the account.
       * @example correct horse
       */
      currentPassword: string;
      /**
       * @description 6 characters to 72 bytes, in Unicode’s normalization form C. In production not one of the most common passwords, the username or the e-mail.
       * @example correct horse
       */
      newPassword: string;
    };
    EraseAccountBody: {
      /**
       * @description The password of the account.
       * @example correct horse
       */
      password: string;
    };
    /** @description Everything that is kept of a person, except the hash of the password. */
    AccountExport: {
      /**
       * Format: date-time
       * @description When the export began, by the server’s clock.
       */
      exportedAt: string;
      profile: components['schemas']['ExportedProfile'];
      /** @description The last change that concerned the sockets of the account; null if there was none. */
      lastChange: {
        /** @description The number of the transaction in PostgreSQL. */
        transactionId: string;
      } | null;
      /** @description All reservations, each once: active ones first. */
      reservations: components['schemas']['ExportedReservation'][];
      /** @description All purchases, newest first. */
      purchases: components['schemas']['ExportedPurchase'][];
      /** @description The drops that the account created. */
      createdDrops: {
        /**
         * Format: uuid
         * @description Id of the drop.
         */
        id: string;
        /** @description The name of the drop now. */
        name: string;
        /** @description The `Idempotency-Key` of the request; null if it had none. */
        idempotencyKey: string | null;
        /**
         * Format: date-time
         * @description When it was created.
         */
        createdAt: string;
      }[];
      /** @description The rows of the ledger that name the account, by drop and version. */
      dropChanges: components['schemas']['ExportedDropChange'][];
      /** @description The accounts that this one disabled and that are disabled now. */
      disabledAccounts: {
        /**
         * Format: uuid
         * @description Id of the disabled account.
         */
        id: string;
        /**
         * Format: date-time
         * @description When it was disabled.
         */
        disabledAt: string;
      }[];
      /** @description The accounts that this one enabled again and that have not been disabled since. */
      enabledAccounts: {
        /**
         * Format: uuid
         * @description Id of the account.
         */
        id: string;
        /**
         * Format: date-time
         * @description When it was enabled.
         */
        enabledAt: string;
      }[];
      /** @description Tokens that were ended by signing out, until a day after they would have expired. */
      endedTokens: {
        /**
         * Format: uuid
         * @description The claim `jti` of the token.
         */
        id: string;
        /**
         * Format: date-time
         * @description When the token would have expired.
         */
        expiresAt: string;
      }[];
    };
    /** @description The account, without the hash of its password. */
    ExportedProfile: {
      /**
       * Format: uuid
       * @description Id of the user.
       */
      id: string;
      /** @description Shown to others. */
      username: string;
      /** @description Visible to the user and to admins only. */
      email: string;
      /**
       * @description Admins create drops.
       * @enum {string}
       */
      role: 'user' | 'admin';
      /**
       * Format: date-time
       * @description When the account was created.
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When an admin disabled the account; null if it is not disabled.
       */
      disabledAt: string | null;
      /** @description The reason that the admin gave; null if there is none. */
      disabledReason: string | null;
      /**
       * Format: date-time
       * @description When it was enabled again; null if it is disabled, or never was.
       */
      enabledAt: string | null;
      /** @description The reason that the admin gave for that; null if there is none. */
      enabledReason: string | null;
      /**
       * Format: date-time
       * @description When it last changed.
       */
      updatedAt: string;
      /** @description How often all tokens of the account were ended. */
      tokenVersion: number;
    };
    /** @description A reservation of the account. */
    ExportedReservation: {
      /**
       * Format: uuid
       * @description Id of the reservation.
       */
      id: string;
      /**
       * Format: uuid
       * @description The user who reserved the unit.
       */
      userId: string;
      /**
       * Format: uuid
       * @description The drop.
       */
      dropId: string;
      /**
       * @description Active first, then one of the others, which is final.
       * @enum {string}
       */
      status: 'active' | 'completed' | 'expired' | 'released';
      /**
       * @description The price of the unit: that of the drop when it was reserved. Its purchase takes it. Null for reservations that ended before prices were kept.
       * @example 175.00
       */
      price: string | null;
      /**
       * Format: date-time
       * @description When the reservation expires, by the server’s clock.
       */
      expiresAt: string;
      /**
       * Format: date-time
       * @description When it was created.
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When it last changed.
       */
      updatedAt: string;
      /**
       * Format: date-time
       * @description When it ended; null while it is active.
       */
      settledAt: string | null;
      /**
       * @description The currency of the price: a code of ISO 4217.
       * @example USD
       */
      currency: string;
      /** @description The `Idempotency-Key` of the request; null if it had none. */
      idempotencyKey: string | null;
      /** @description The name of the drop now. */
      dropName: string;
    };
    /** @description A purchase of the account. */
    ExportedPurchase: {
      /**
       * Format: uuid
       * @description Id of the purchase.
       */
      id: string;
      /**
       * Format: uuid
       * @description The buyer.
       */
      userId: string;
      /**
       * Format: uuid
       * @description The drop.
       */
      dropId: string;
      /**
       * Format: uuid
       * @description The reservation of the unit.
       */
      reservationId: string;
      /**
       * @description The price of its reservation.
       * @example 175.00
       */
      price: string;
      /**
       * Format: date-time
       * @description When it was purchased.
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When it last changed.
       */
      updatedAt: string;
      /**
       * @description The currency of the price: a code of ISO 4217.
       * @example USD
       */
      currency: string;
      /** @description The `Idempotency-Key` of the request; null if it had none. */
      idempotencyKey: string | null;
      /** @description The name of the drop now. */
      dropName: string;
    };
    /** @description A change of a drop that the account made as an admin. */
    ExportedDropChange: {
      /** @description The version of the drop after the change. */
      version: number;
      /**
       * @description The first that applies of: create, adjust (the total changed), purchase, reserve, release, expire, edit (no unit moved). Null for movements from before causes were kept.
       * @enum {string|null}
       */
      cause: 'create' | 'reserve' | 'purchase' | 'expire' | 'release' | 'adjust' | 'edit' | null;
      /** @description Units that were reserved. */
      reserved: number | null;
      /** @description Units that were purchased. */
      purchased: number;
      /** @description Units whose hold expired. */
      expired: number | null;
      /** @description Units whose hold was released. */
      released: number | null;
      /** @description Units that were put on sale; negative: taken off. */
      added: number;
      /** @description Units available to reserve. */
      availableStock: number;
      /** @description Units held by active reservations. */
      reservedStock: number;
      /** @description Units purchased. */
      soldStock: number;
      /** @description All units of the drop. */
      totalStock: number;
      /** @description Why, if a reason was given. */
      reason: string | null;
      /** @description Columns of the drop that were changed beside its counts, with their new values. */
      changed: {
        [key: string]: string | null;
      } | null;
      /**
       * Format: date-time
       * @description When.
       */
      createdAt: string;
      /**
       * Format: uuid
       * @description Id of the drop.
       */
      dropId: string;
      /** @description The name of the drop now; null if it was deleted. */
      dropName: string | null;
      /** @description The `Idempotency-Key` of the request; null if it had none. */
      idempotencyKey: string | null;
    };
    /** @default {} */
    CloseAccountBody: {
      /**
       * @description Why, for other admins and for the export of the account.
       * @example Stolen card
       */
      reason?: string;
    };
    /** @description A limited-edition drop and its stock. */
    Drop: {
      /**
       * Format: uuid
       * @description Id of the drop.
       */
      id: string;
      /** @description What is sold. */
      name: string;
      /**
       * @description Price of a unit: a decimal with two digits after the point, in every currency.
       * @example 175.00
       */
      price: string;
      /**
       * @description The currency: a code of ISO 4217.
       * @example USD
       */
      currency: string;
      /** @description Plain text for buyers, with line breaks; null: none. */
      description: string | null;
      /** @description Units available to reserve. */
      availableStock: number;
      /** @description Units held by active reservations. */
      reservedStock: number;
      /** @description Units purchased. */
      soldStock: number;
      /** @description All units of the drop. */
      totalStock: number;
      /** @description Rises with every change; ignore a snapshot that is not newer. */
      version: number;
      status: components['schemas']['DropStatus'];
      /**
       * @description Whether a unit can be reserved now: `available`; `all_held`, none is free, but held units may come back; `sold_out`, every unit is bought; `closed`, the drop is neither live nor sold out.
       * @enum {string}
       */
      availability: 'available' | 'all_held' | 'sold_out' | 'closed';
      /** @description Units that a user may reserve and purchase in all; null: no limit. */
      limitPerUser: number | null;
      /** @description How long a reservation that is made now holds its unit. */
      holdSeconds: number;
      /**
       * Format: uri
       * @description URL of a picture, absolute.
       */
      imageUrl: string | null;
      /**
       * Format: date-time
       * @description When reserving opens.
       */
      dropStartsAt: string;
      /**
       * Format: date-time
       * @description When reserving closes; null: never.
       */
      dropEndsAt: string | null;
      /**
       * Format: date-time
       * @description When the drop was created.
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When it last changed.
       */
      updatedAt: string;
      /** @description The three latest purchasers, newest first. */
      topPurchasers: {
        /**
         * Format: uuid
         * @description Id of the purchase.
         */
        id: string;
        /** @description The buyer. */
        username: string;
        /**
         * Format: date-time
         * @description When.
         */
        purchasedAt: string;
      }[];
    };
    /**
     * @description The first that applies of: draft, cancelled, ended, paused, scheduled, sold_out, live. Only admins see a draft.
     * @enum {string}
     */
    DropStatus: 'scheduled' | 'live' | 'sold_out' | 'paused' | 'ended' | 'cancelled' | 'draft';
    /** @description The position of this page in the list. */
    PageMeta: {
      /** @description Items on all pages. */
      totalItems: number;
      /** @description The number of pages. */
      totalPages: number;
      /** @description The page in this response. */
      currentPage: number;
      /** @description Items per page. */
      pageSize: number;
    };
    /** @description The stock of a drop after a change. */
    Movement: {
      /** @description The version of the drop after the change. */
      version: number;
      /** @description Units available to reserve. */
      availableStock: number;
      /** @description Units held by active reservations. */
      reservedStock: number;
      /** @description Units purchased. */
      soldStock: number;
      /**
       * Format: date-time
       * @description When the stock changed.
       */
      createdAt: string;
    };
    /** @description The number of movements that the returned ones represent. */
    MovementsMeta: {
      /** @description Movements in this span of time, including those that are not returned. */
      totalItems: number;
    };
    CreateDropBody: {
      /**
       * @description What is sold: one line of text with at least one visible character. Stored in Unicode’s normalization form C, without spaces around it.
       * @example Aurora Runner
       */
      name: string;
      /**
       * @description Price of a unit: a number, or a decimal string.
       * @example 175.00
       */
      price: number | string;
      /**
       * @description The currency of the price: a code of ISO 4217. Left out: USD.
       * @example EUR
       */
      currency?: string | null;
      /**
       * @description What buyers should know of it: plain text with line breaks, without other control characters.
       * @example Hand-sewn in a run of one hundred.
       *     Ships in June.
       */
      description?: string | null;
      /**
       * @description Units in the drop.
       * @example 100
       */
      totalStock: number;
      /** @description A picture: a URL without credentials, or a path on this server. */
      imageUrl?: string | null;
      /**
       * Format: date-time
       * @description When reserving opens. Left out: now.
       * @example 2030-01-31T18:00:00Z
       */
      dropStartsAt?: string | null;
      /**
       * Format: date-time
       * @description When reserving closes. Left out: never.
       * @example 2030-01-31T18:00:00Z
       */
      dropEndsAt?: string | null;
      /** @description Units that a user may reserve and purchase in all. Left out: no limit. */
      limitPerUser?: number | null;
      /** @description How long a reservation holds its unit. Left out: as long as the setting of the server says. */
      holdSeconds?: number | null;
      /** @description Whether the drop is published at once. False: a draft, which only admins see. Left out: true. */
      published?: boolean | null;
    };
    ChangeDropBody: {
      /**
       * @description What is sold: one line of text with at least one visible character. Stored in Unicode’s normalization form C, without spaces around it.
       * @example Aurora Runner
       */
      name?: string;
      /**
       * @description Price of a unit: a number, or a decimal string.
       * @example 175.00
       */
      price?: number | string;
      /**
       * @description The currency of the price: a code of ISO 4217. It stays once a unit was reserved.
       * @example EUR
       */
      currency?: string;
      /**
       * @description What buyers should know of it: plain text with line breaks, without other control characters. Null: none.
       * @example Hand-sewn in a run of one hundred.
       *     Ships in June.
       */
      description?: string | null;
      /** @description A picture: a URL without credentials, or a path on this server. Null: none. */
      imageUrl?: string | null;
      /**
       * Format: date-time
       * @description When reserving opens. Null: now.
       * @example 2030-01-31T18:00:00Z
       */
      dropStartsAt?: string | null;
      /**
       * Format: date-time
       * @description When reserving closes. Null: never.
       * @example 2030-01-31T18:00:00Z
       */
      dropEndsAt?: string | null;
      /** @description Units that a user may reserve and purchase in all. Null: no limit. */
      limitPerUser?: number | null;
      /** @description How long a reservation that is made from then on holds its unit. Null: as long as the setting of the server says. */
      holdSeconds?: number | null;
    };
    /** @default {} */
    DropActionBody: {
      /**
       * @description Why, for the ledger. It is kept for good.
       * @example The supplier delivers later
       */
      reason?: string;
    };
    ChangeStockBody: {
      /**
       * @description Units to put on sale; negative: to take off. Not 0.
       * @example 25
       */
      delta: number;
      /**
       * @description Why, for the ledger. It is kept for good.
       * @example A second delivery
       */
      reason?: string | null;
    };
    /** @description A change of a drop: what moved, why, and by whom. */
    LedgerEntry: {
      /** @description The version of the drop after the change. */
      version: number;
      /**
       * @description The first that applies of: create, adjust (the total changed), purchase, reserve, release, expire, edit (no unit moved). Null for movements from before causes were kept.
       * @enum {string|null}
       */
      cause: 'create' | 'reserve' | 'purchase' | 'expire' | 'release' | 'adjust' | 'edit' | null;
      /** @description Units that were reserved. */
      reserved: number | null;
      /** @description Units that were purchased. */
      purchased: number;
      /** @description Units whose hold expired. */
      expired: number | null;
      /** @description Units whose hold was released. */
      released: number | null;
      /** @description Units that were put on sale; negative: taken off. */
      added: number;
      /** @description Units available to reserve. */
      availableStock: number;
      /** @description Units held by active reservations. */
      reservedStock: number;
      /** @description Units purchased. */
      soldStock: number;
      /** @description All units of the drop. */
      totalStock: number;
      /** @description The admin who made the change; null for requests of users, expired holds and changes in SQL. */
      actor: {
        /**
         * Format: uuid
         * @description Id of the admin.
         */
        id: string;
        /** @description Null if the account was deleted from the database. */
        username: string | null;
      } | null;
      /** @description The database role of a change that was made in psql, Prisma Studio or the like. */
      role: string | null;
      /** @description Why, if a reason was given. */
      reason: string | null;
      /** @description Columns of the drop that were changed beside its counts, with their new values. */
      changed: {
        [key: string]: string | null;
      } | null;
      /**
       * Format: date-time
       * @description When.
       */
      createdAt: string;
    };
    /** @description Where the next page begins. */
    LedgerMeta: {
      /** @description The value of `after` for the next page; null: this is the last one. */
      next: number | null;
    };
    /** @description How a drop has sold so far. */
    DropStats: {
      /** @description Units that were ever reserved: `active`, `expired`, `released` and `completed`. */
      holds: number;
      /** @description Units held now. A hold whose time is over counts until its unit is back on sale. */
      active: number;
      /** @description Holds that expired. */
      expired: number;
      /** @description Holds that were released by their owner or by an admin, or because the drop was cancelled or the account closed. */
      released: number;
      /** @description Units purchased. */
      completed: number;
      /**
       * @description The share of `completed` in the holds that are not active any more; null while there are none.
       * @example 0.85
       */
      conversion: number | null;
      /**
       * @description The median time from the reservation to the purchase, of the latest 1,000 purchases; null while there are none.
       * @example 12.4
       */
      medianSecondsToPurchase: number | null;
      /** @description Requests to reserve that were granted or refused: `holds` and all `refusals`. A request that is repeated with its Idempotency-Key after it was granted is not counted again. */
      attempts: number;
      /**
       * @description Requests to reserve that were refused, by the code of the problem. Each refused request counts, also a repeated one. Not counted are requests that were not decided: beyond a rate limit, not valid, without a valid token, or failed (a status of 500 or more).
       * @example {
       *       "sold-out": 5120,
       *       "already-reserved": 3
       *     }
       */
      refusals: {
        [key: string]: number;
      };
      /** @description The most units that were reserved in one second. */
      peakReservationsPerSecond: number;
      /**
       * @description The sum of the prices of all purchases.
       * @example 1234.00
       */
      revenue: string;
      /**
       * @description The currency of the revenue: a code of ISO 4217.
       * @example USD
       */
      currency: string;
      /** @description People on the waiting list. Always 0: there is no waiting list yet. */
      waiting: number;
    };
    /** @description A reservation, and the available stock after it. */
    Hold: {
      reservation: components['schemas']['Reservation'];
      /** @description Units available now. */
      availableStock: number;
      /**
       * Format: date-time
       * @description The server’s clock, for a countdown to `expiresAt`.
       */
      serverTime: string;
    };
    /** @description A unit that is held for one user. */
    Reservation: {
      /**
       * Format: uuid
       * @description Id of the reservation.
       */
      id: string;
      /**
       * Format: uuid
       * @description The user who reserved the unit.
       */
      userId: string;
      /**
       * Format: uuid
       * @description The drop.
       */
      dropId: string;
      /**
       * @description Active first, then one of the others, which is final.
       * @enum {string}
       */
      status: 'active' | 'completed' | 'expired' | 'released';
      /**
       * @description The price of the unit: that of the drop when it was reserved. Its purchase takes it. Null for reservations that ended before prices were kept.
       * @example 175.00
       */
      price: string | null;
      /**
       * Format: date-time
       * @description When the reservation expires, by the server’s clock.
       */
      expiresAt: string;
      /**
       * Format: date-time
       * @description When it was created.
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When it last changed.
       */
      updatedAt: string;
    };
    CreateReservationBody: {
      /**
       * Format: uuid
       * @description The drop to reserve a unit of.
       */
      dropId: string;
    };
    /** @default {} */
    ReleaseByAdminBody: {
      /**
       * @description Why, for the ledger. It is kept for good.
       * @example Reserved by mistake
       */
      reason?: string | null;
    };
    /** @description A purchased unit. */
    Purchase: {
      /**
       * Format: uuid
       * @description Id of the purchase.
       */
      id: string;
      /**
       * Format: uuid
       * @description The buyer.
       */
      userId: string;
      /**
       * Format: uuid
       * @description The drop.
       */
      dropId: string;
      /**
       * Format: uuid
       * @description The reservation of the unit.
       */
      reservationId: string;
      /**
       * @description The price of its reservation.
       * @example 175.00
       */
      price: string;
      /**
       * Format: date-time
       * @description When it was purchased.
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When it last changed.
       */
      updatedAt: string;
    };
    CreatePurchaseBody: {
      /**
       * Format: uuid
       * @description The reservation to purchase.
       */
      reservationId: string;
    };
    /** @description A purchased unit and its drop. */
    PurchaseWithDrop: {
      /**
       * Format: uuid
       * @description Id of the purchase.
       */
      id: string;
      /**
       * Format: uuid
       * @description The buyer.
       */
      userId: string;
      /**
       * Format: uuid
       * @description The drop.
       */
      dropId: string;
      /**
       * Format: uuid
       * @description The reservation of the unit.
       */
      reservationId: string;
      /**
       * @description The price of its reservation.
       * @example 175.00
       */
      price: string;
      /**
       * Format: date-time
       * @description When it was purchased.
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When it last changed.
       */
      updatedAt: string;
      /** @description The drop. The member has a capital D because existing clients read it. */
      Drop: {
        /**
         * Format: uuid
         * @description Id of the drop.
         */
        id: string;
        /** @description What was bought. */
        name: string;
        /** @description The price of a unit now. */
        price: string;
        /**
         * @description The currency of both prices: a code of ISO 4217.
         * @example USD
         */
        currency: string;
        /**
         * Format: uri
         * @description URL of a picture, absolute.
         */
        imageUrl: string | null;
      };
    };
    /** @description A reservation, and who made it. */
    ReservationWithUser: {
      /**
       * Format: uuid
       * @description Id of the reservation.
       */
      id: string;
      /**
       * Format: uuid
       * @description The user who reserved the unit.
       */
      userId: string;
      /**
       * Format: uuid
       * @description The drop.
       */
      dropId: string;
      /**
       * @description Active first, then one of the others, which is final.
       * @enum {string}
       */
      status: 'active' | 'completed' | 'expired' | 'released';
      /**
       * @description The price of the unit: that of the drop when it was reserved. Its purchase takes it. Null for reservations that ended before prices were kept.
       * @example 175.00
       */
      price: string | null;
      /**
       * Format: date-time
       * @description When the reservation expires, by the server’s clock.
       */
      expiresAt: string;
      /**
       * Format: date-time
       * @description When it was created.
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When it last changed.
       */
      updatedAt: string;
      /**
       * Format: date-time
       * @description When it ended; null while it is active.
       */
      settledAt: string | null;
      /**
       * @description The currency of the price: a code of ISO 4217.
       * @example USD
       */
      currency: string;
      /** @description The account now. One that was erased has neither its former name nor its former e-mail. */
      user: {
        /**
         * Format: uuid
         * @description Id of the user.
         */
        id: string;
        /** @description The name. */
        username: string;
        /** @description The e-mail. */
        email: string;
      };
    };
    /** @description A purchase, and who made it. */
    PurchaseWithUser: {
      /**
       * Format: uuid
       * @description Id of the purchase.
       */
      id: string;
      /**
       * Format: uuid
       * @description The buyer.
       */
      userId: string;
      /**
       * Format: uuid
       * @description The drop.
       */
      dropId: string;
      /**
       * Format: uuid
       * @description The reservation of the unit.
       */
      reservationId: string;
      /**
       * @description The price of its reservation.
       * @example 175.00
       */
      price: string;
      /**
       * Format: date-time
       * @description When it was purchased.
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description When it last changed.
       */
      updatedAt: string;
      /**
       * @description The currency of the price: a code of ISO 4217.
       * @example USD
       */
      currency: string;
      /** @description The account now. One that was erased has neither its former name nor its former e-mail. */
      user: {
        /**
         * Format: uuid
         * @description Id of the user.
         */
        id: string;
        /** @description The name. */
        username: string;
        /** @description The e-mail. */
        email: string;
      };
    };
    /** @description The result of a health check. */
    Health: {
      /**
       * @description Always `ok`; a failure is a problem response.
       * @enum {string}
       */
      status: 'ok';
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  register: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RegisterBody'];
      };
    };
    responses: {
      /** @description The account and a token. */
      201: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            data: components['schemas']['Session'];
          };
        };
      };
      /**
       * @description `validation-failed`: A part of the request is not valid; `errors` names each field.
       *
       *     `malformed-json`: The body is not valid JSON.
       */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `email-taken`: An account with this e-mail exists.
       *
       *     `username-taken`: An account with this username exists.
       */
      409: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload-too-large`: The body is over 16 kB. The rest of it is not read, and the connection is closed. */
      413: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type`: Bodies are sent as application/json, in UTF-8, plain or compressed with gzip, deflate or br. */
      415: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited`: Too many requests. Retry after the time in `Retry-After`. */
      429: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `outcome-unknown`: The connection to the database was lost while the change was being saved. It may or may not have happened: repeat the request with the same Idempotency-Key, or check your reservations and purchases.
       *
       *     `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  login: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['LoginBody'];
      };
    };
    responses: {
      /** @description The account and a token. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            data: components['schemas']['Session'];
          };
        };
      };
      /**
       * @description `validation-failed`: A part of the request is not valid; `errors` names each field.
       *
       *     `malformed-json`: The body is not valid JSON.
       */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `invalid-credentials`: No account has this e-mail and password. The response does not say which of the two is wrong. To a request that is signed in: its password is wrong.
       *
       *     `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again.
       */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload-too-large`: The body is over 16 kB. The rest of it is not read, and the connection is closed. */
      413: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type`: Bodies are sent as application/json, in UTF-8, plain or compressed with gzip, deflate or br. */
      415: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited`: Too many requests. Retry after the time in `Retry-After`. */
      429: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getMe: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The account. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            data: components['schemas']['Profile'];
          };
        };
      };
      /** @description `validation-failed`: A part of the request is not valid; `errors` names each field. */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deleteMe: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['EraseAccountBody'];
      };
    };
    responses: {
      /** @description The account no longer exists. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            /** @description Nothing. */
            data: null;
          };
        };
      };
      /**
       * @description `validation-failed`: A part of the request is not valid; `errors` names each field.
       *
       *     `malformed-json`: The body is not valid JSON.
       */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again.
       *
       *     `invalid-credentials`: No account has this e-mail and password. The response does not say which of the two is wrong. To a request that is signed in: its password is wrong.
       */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `last-admin`: The account is the last one that is an admin. Make another account an admin first. */
      409: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload-too-large`: The body is over 16 kB. The rest of it is not read, and the connection is closed. */
      413: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type`: Bodies are sent as application/json, in UTF-8, plain or compressed with gzip, deflate or br. */
      415: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited`: Too many requests. Retry after the time in `Retry-After`. */
      429: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `outcome-unknown`: The connection to the database was lost while the change was being saved. It may or may not have happened: repeat the request with the same Idempotency-Key, or check your reservations and purchases.
       *
       *     `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getUser: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id of the user. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The account. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            data: components['schemas']['Profile'];
          };
        };
      };
      /** @description `validation-failed`: A part of the request is not valid; `errors` names each field. */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: The account may not do this. */
      403: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `user-not-found`: No user has this id. */
      404: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  logout: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The token has ended. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            /** @description Nothing. */
            data: null;
          };
        };
      };
      /** @description `validation-failed`: A part of the request is not valid; `errors` names each field. */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `outcome-unknown`: The connection to the database was lost while the change was being saved. It may or may not have happened: repeat the request with the same Idempotency-Key, or check your reservations and purchases.
       *
       *     `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  logoutAll: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All tokens have ended. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            /** @description Nothing. */
            data: null;
          };
        };
      };
      /** @description `validation-failed`: A part of the request is not valid; `errors` names each field. */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `outcome-unknown`: The connection to the database was lost while the change was being saved. It may or may not have happened: repeat the request with the same Idempotency-Key, or check your reservations and purchases.
       *
       *     `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  changePassword: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ChangePasswordBody'];
      };
    };
    responses: {
      /** @description A new token. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            data: components['schemas']['Token'];
          };
        };
      };
      /**
       * @description `validation-failed`: A part of the request is not valid; `errors` names each field.
       *
       *     `malformed-json`: The body is not valid JSON.
       */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again.
       *
       *     `invalid-credentials`: No account has this e-mail and password. The response does not say which of the two is wrong. To a request that is signed in: its password is wrong.
       */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload-too-large`: The body is over 16 kB. The rest of it is not read, and the connection is closed. */
      413: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type`: Bodies are sent as application/json, in UTF-8, plain or compressed with gzip, deflate or br. */
      415: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited`: Too many requests. Retry after the time in `Retry-After`. */
      429: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `outcome-unknown`: The connection to the database was lost while the change was being saved. It may or may not have happened: repeat the request with the same Idempotency-Key, or check your reservations and purchases.
       *
       *     `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  exportMe: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All data of the account. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            data: components['schemas']['AccountExport'];
          };
        };
      };
      /** @description `validation-failed`: A part of the request is not valid; `errors` names each field. */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited`: Too many requests. Retry after the time in `Retry-After`. */
      429: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  disableUser: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id of the user. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': components['schemas']['CloseAccountBody'];
      };
    };
    responses: {
      /** @description The account, disabled. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            data: components['schemas']['Profile'];
          };
        };
      };
      /**
       * @description `validation-failed`: A part of the request is not valid; `errors` names each field.
       *
       *     `malformed-json`: The body is not valid JSON.
       */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: The account may not do this. */
      403: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `user-not-found`: No user has this id. */
      404: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `own-account`: Admins cannot disable their own account. Another admin can. */
      409: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload-too-large`: The body is over 16 kB. The rest of it is not read, and the connection is closed. */
      413: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type`: Bodies are sent as application/json, in UTF-8, plain or compressed with gzip, deflate or br. */
      415: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `outcome-unknown`: The connection to the database was lost while the change was being saved. It may or may not have happened: repeat the request with the same Idempotency-Key, or check your reservations and purchases.
       *
       *     `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  enableUser: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id of the user. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': components['schemas']['CloseAccountBody'];
      };
    };
    responses: {
      /** @description The account, enabled. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            data: components['schemas']['Profile'];
          };
        };
      };
      /**
       * @description `validation-failed`: A part of the request is not valid; `errors` names each field.
       *
       *     `malformed-json`: The body is not valid JSON.
       */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: The account may not do this. */
      403: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `user-not-found`: No user has this id. */
      404: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload-too-large`: The body is over 16 kB. The rest of it is not read, and the connection is closed. */
      413: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type`: Bodies are sent as application/json, in UTF-8, plain or compressed with gzip, deflate or br. */
      415: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `outcome-unknown`: The connection to the database was lost while the change was being saved. It may or may not have happened: repeat the request with the same Idempotency-Key, or check your reservations and purchases.
       *
       *     `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listDrops: {
    parameters: {
      query?: {
        /** @description The page, from 1. */
        page?: number;
        /** @description Items per page, at most 100. */
        pageSize?: number;
        /** @description Only drops with this status. */
        status?: 'scheduled' | 'live' | 'sold_out' | 'paused' | 'ended' | 'cancelled';
        /** @description Only drops whose name contains this text; upper and lower case are the same, and no character is special. */
        q?: string;
        /** @description The order: the newest drop first; or, as a shop shows them, live drops (those that end, by their end, then those that started last), opening soon, all held, paused, sold out, and ended last. The storefront has no cancelled drops, unless `status` asks for them. */
        sort?: 'newest' | 'storefront';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of drops. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            /** @description A page of drops. */
            data: components['schemas']['Drop'][];
            meta: components['schemas']['PageMeta'];
          };
        };
      };
      /** @description `validation-failed`: A part of the request is not valid; `errors` names each field. */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  createDrop: {
    parameters: {
      query?: never;
      header?: {
        /** @description Chosen by the client, a new one for each action: 1 to 255 visible ASCII characters. Repeating a successful request with the same key returns its result with `Idempotency-Replayed: true` and changes nothing. */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateDropBody'];
      };
    };
    responses: {
      /** @description The drop, with all of its stock available. */
      201: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            data: components['schemas']['Drop'];
          };
        };
      };
      /**
       * @description `validation-failed`: A part of the request is not valid; `errors` names each field.
       *
       *     `malformed-json`: The body is not valid JSON.
       */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: The account may not do this. */
      403: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload-too-large`: The body is over 16 kB. The rest of it is not read, and the connection is closed. */
      413: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type`: Bodies are sent as application/json, in UTF-8, plain or compressed with gzip, deflate or br. */
      415: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`: The Idempotency-Key was used before, for a different request. Use a new key for a new request. */
      422: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `outcome-unknown`: The connection to the database was lost while the change was being saved. It may or may not have happened: repeat the request with the same Idempotency-Key, or check your reservations and purchases.
       *
       *     `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listAllDrops: {
    parameters: {
      query?: {
        /** @description The page, from 1. */
        page?: number;
        /** @description Items per page, at most 100. */
        pageSize?: number;
        /** @description Only drops with this status. */
        status?: 'scheduled' | 'live' | 'sold_out' | 'paused' | 'ended' | 'cancelled' | 'draft';
        /** @description Only drops whose name contains this text; upper and lower case are the same, and no character is special. */
        q?: string;
        /** @description The order: the newest drop first, the name from A, the earliest start first, or the most units available or sold first. */
        sort?: 'newest' | 'name' | 'start' | 'available' | 'sold';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of drops. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            /** @description A page of drops. */
            data: components['schemas']['Drop'][];
            meta: components['schemas']['PageMeta'];
          };
        };
      };
      /** @description `validation-failed`: A part of the request is not valid; `errors` names each field. */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: The account may not do this. */
      403: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getDrop: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id of the drop. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The drop. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            data: components['schemas']['Drop'];
          };
        };
      };
      /** @description `validation-failed`: A part of the request is not valid; `errors` names each field. */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `drop-not-found`: No drop has this id. */
      404: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  changeDrop: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id of the drop. */
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ChangeDropBody'];
      };
    };
    responses: {
      /** @description The drop. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            data: components['schemas']['Drop'];
          };
        };
      };
      /**
       * @description `validation-failed`: A part of the request is not valid; `errors` names each field.
       *
       *     `malformed-json`: The body is not valid JSON.
       */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: The account may not do this. */
      403: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `drop-not-found`: No drop has this id. */
      404: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `drop-state`: The state of the drop, which is in the member `state`, forbids the change. A draft can only be changed and published, and a cancelled drop stays as it is.
       *
       *     `currency-in-use`: A unit of the drop was reserved or sold, and prices are kept in its currency, which is in the member `currency`. Create a drop with the other currency instead.
       */
      409: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload-too-large`: The body is over 16 kB. The rest of it is not read, and the connection is closed. */
      413: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type`: Bodies are sent as application/json, in UTF-8, plain or compressed with gzip, deflate or br. */
      415: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `outcome-unknown`: The connection to the database was lost while the change was being saved. It may or may not have happened: repeat the request with the same Idempotency-Key, or check your reservations and purchases.
       *
       *     `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listMovements: {
    parameters: {
      query?: {
        /** @description The stock from this time on. Left out: from the beginning. */
        since?: string;
        /** @description Movements to return, at most 1000. */
        limit?: number;
      };
      header?: never;
      path: {
        /** @description Id of the drop. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Movements of the drop. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            /** @description Movements of the drop. */
            data: components['schemas']['Movement'][];
            meta: components['schemas']['MovementsMeta'];
          };
        };
      };
      /** @description `validation-failed`: A part of the request is not valid; `errors` names each field. */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `drop-not-found`: No drop has this id. */
      404: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  publishDrop: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id of the drop. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': components['schemas']['DropActionBody'];
      };
    };
    responses: {
      /** @description The drop. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            data: components['schemas']['Drop'];
          };
        };
      };
      /**
       * @description `validation-failed`: A part of the request is not valid; `errors` names each field.
       *
       *     `malformed-json`: The body is not valid JSON.
       */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: The account may not do this. */
      403: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `drop-not-found`: No drop has this id. */
      404: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `drop-state`: The state of the drop, which is in the member `state`, forbids the change. A draft can only be changed and published, and a cancelled drop stays as it is. */
      409: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload-too-large`: The body is over 16 kB. The rest of it is not read, and the connection is closed. */
      413: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type`: Bodies are sent as application/json, in UTF-8, plain or compressed with gzip, deflate or br. */
      415: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `outcome-unknown`: The connection to the database was lost while the change was being saved. It may or may not have happened: repeat the request with the same Idempotency-Key, or check your reservations and purchases.
       *
       *     `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  pauseDrop: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id of the drop. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': components['schemas']['DropActionBody'];
      };
    };
    responses: {
      /** @description The drop. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            data: components['schemas']['Drop'];
          };
        };
      };
      /**
       * @description `validation-failed`: A part of the request is not valid; `errors` names each field.
       *
       *     `malformed-json`: The body is not valid JSON.
       */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: The account may not do this. */
      403: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `drop-not-found`: No drop has this id. */
      404: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `drop-state`: The state of the drop, which is in the member `state`, forbids the change. A draft can only be changed and published, and a cancelled drop stays as it is. */
      409: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload-too-large`: The body is over 16 kB. The rest of it is not read, and the connection is closed. */
      413: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type`: Bodies are sent as application/json, in UTF-8, plain or compressed with gzip, deflate or br. */
      415: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `outcome-unknown`: The connection to the database was lost while the change was being saved. It may or may not have happened: repeat the request with the same Idempotency-Key, or check your reservations and purchases.
       *
       *     `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  resumeDrop: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id of the drop. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': components['schemas']['DropActionBody'];
      };
    };
    responses: {
      /** @description The drop. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            data: components['schemas']['Drop'];
          };
        };
      };
      /**
       * @description `validation-failed`: A part of the request is not valid; `errors` names each field.
       *
       *     `malformed-json`: The body is not valid JSON.
       */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: The account may not do this. */
      403: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `drop-not-found`: No drop has this id. */
      404: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `drop-state`: The state of the drop, which is in the member `state`, forbids the change. A draft can only be changed and published, and a cancelled drop stays as it is. */
      409: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload-too-large`: The body is over 16 kB. The rest of it is not read, and the connection is closed. */
      413: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type`: Bodies are sent as application/json, in UTF-8, plain or compressed with gzip, deflate or br. */
      415: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `outcome-unknown`: The connection to the database was lost while the change was being saved. It may or may not have happened: repeat the request with the same Idempotency-Key, or check your reservations and purchases.
       *
       *     `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  endDrop: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id of the drop. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': components['schemas']['DropActionBody'];
      };
    };
    responses: {
      /** @description The drop. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            data: components['schemas']['Drop'];
          };
        };
      };
      /**
       * @description `validation-failed`: A part of the request is not valid; `errors` names each field.
       *
       *     `malformed-json`: The body is not valid JSON.
       */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: The account may not do this. */
      403: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `drop-not-found`: No drop has this id. */
      404: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `drop-state`: The state of the drop, which is in the member `state`, forbids the change. A draft can only be changed and published, and a cancelled drop stays as it is. */
      409: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload-too-large`: The body is over 16 kB. The rest of it is not read, and the connection is closed. */
      413: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type`: Bodies are sent as application/json, in UTF-8, plain or compressed with gzip, deflate or br. */
      415: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `outcome-unknown`: The connection to the database was lost while the change was being saved. It may or may not have happened: repeat the request with the same Idempotency-Key, or check your reservations and purchases.
       *
       *     `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  cancelDrop: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id of the drop. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': components['schemas']['DropActionBody'];
      };
    };
    responses: {
      /** @description The drop. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            data: components['schemas']['Drop'];
          };
        };
      };
      /**
       * @description `validation-failed`: A part of the request is not valid; `errors` names each field.
       *
       *     `malformed-json`: The body is not valid JSON.
       */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: The account may not do this. */
      403: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `drop-not-found`: No drop has this id. */
      404: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `drop-state`: The state of the drop, which is in the member `state`, forbids the change. A draft can only be changed and published, and a cancelled drop stays as it is. */
      409: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload-too-large`: The body is over 16 kB. The rest of it is not read, and the connection is closed. */
      413: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type`: Bodies are sent as application/json, in UTF-8, plain or compressed with gzip, deflate or br. */
      415: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `outcome-unknown`: The connection to the database was lost while the change was being saved. It may or may not have happened: repeat the request with the same Idempotency-Key, or check your reservations and purchases.
       *
       *     `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  changeStock: {
    parameters: {
      query?: never;
      header?: {
        /** @description Chosen by the client, a new one for each action: 1 to 255 visible ASCII characters. Repeating a successful request with the same key returns its result with `Idempotency-Replayed: true` and changes nothing. */
        'idempotency-key'?: string;
      };
      path: {
        /** @description Id of the drop. */
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ChangeStockBody'];
      };
    };
    responses: {
      /** @description The drop. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            data: components['schemas']['Drop'];
          };
        };
      };
      /**
       * @description `validation-failed`: A part of the request is not valid; `errors` names each field.
       *
       *     `malformed-json`: The body is not valid JSON.
       */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: The account may not do this. */
      403: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `drop-not-found`: No drop has this id. */
      404: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `drop-state`: The state of the drop, which is in the member `state`, forbids the change. A draft can only be changed and published, and a cancelled drop stays as it is.
       *
       *     `stock-in-use`: More units than are available cannot be taken off: the others are held or sold. The member `possible` is the most.
       *
       *     `stock-limit`: A drop has at most 1,000,000 units, held and sold ones included. The member `possible` is the most that can be added.
       */
      409: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload-too-large`: The body is over 16 kB. The rest of it is not read, and the connection is closed. */
      413: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type`: Bodies are sent as application/json, in UTF-8, plain or compressed with gzip, deflate or br. */
      415: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`: The Idempotency-Key was used before, for a different request. Use a new key for a new request. */
      422: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `outcome-unknown`: The connection to the database was lost while the change was being saved. It may or may not have happened: repeat the request with the same Idempotency-Key, or check your reservations and purchases.
       *
       *     `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listLedger: {
    parameters: {
      query?: {
        /** @description Only movements with a higher version. Left out: from the first. */
        after?: number;
        /** @description Movements to return, at most 500. Left out: 100; in CSV, all. */
        limit?: number;
      };
      header?: never;
      path: {
        /** @description Id of the drop. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Movements of the drop. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            /** @description Movements of the drop. */
            data: components['schemas']['LedgerEntry'][];
            meta: components['schemas']['LedgerMeta'];
          };
          'text/csv': string;
        };
      };
      /** @description `validation-failed`: A part of the request is not valid; `errors` names each field. */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: The account may not do this. */
      403: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `drop-not-found`: No drop has this id. */
      404: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getDropStats: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id of the drop. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The stats of the drop. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            data: components['schemas']['DropStats'];
          };
        };
      };
      /** @description `validation-failed`: A part of the request is not valid; `errors` names each field. */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: The account may not do this. */
      403: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `drop-not-found`: No drop has this id. */
      404: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listReservations: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The active reservations. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            /** @description The active reservations. */
            data: components['schemas']['Reservation'][];
          };
        };
      };
      /** @description `validation-failed`: A part of the request is not valid; `errors` names each field. */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  createReservation: {
    parameters: {
      query?: never;
      header?: {
        /** @description Chosen by the client, a new one for each action: 1 to 255 visible ASCII characters. Repeating a successful request with the same key returns its result with `Idempotency-Replayed: true` and changes nothing. */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateReservationBody'];
      };
    };
    responses: {
      /** @description The reservation and the stock. */
      201: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            data: components['schemas']['Hold'];
          };
        };
      };
      /**
       * @description `validation-failed`: A part of the request is not valid; `errors` names each field.
       *
       *     `malformed-json`: The body is not valid JSON.
       */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `drop-not-found`: No drop has this id. */
      404: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `drop-paused`: The drop is paused; try again later.
       *
       *     `drop-not-started`: The drop starts at the time in the member `startsAt`.
       *
       *     `already-reserved`: The user already holds a unit of this drop; the member `reservation` is that reservation.
       *
       *     `limit-reached`: The user has bought and holds as many units of this drop as one user may have.
       *
       *     `cool-down`: The user has let too many reservations of this drop go unpaid, and can reserve it again at the time in the member `retryAt`. `Retry-After` has the same time in seconds from now.
       *
       *     `sold-out`: No unit is free right now. The member `availability` is `all_held` while units are held, which come back when their holds expire or are released, and `sold_out` once every unit is bought.
       */
      409: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `drop-ended`: The drop has ended or was cancelled. */
      410: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload-too-large`: The body is over 16 kB. The rest of it is not read, and the connection is closed. */
      413: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type`: Bodies are sent as application/json, in UTF-8, plain or compressed with gzip, deflate or br. */
      415: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`: The Idempotency-Key was used before, for a different request. Use a new key for a new request. */
      422: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited`: Too many requests. Retry after the time in `Retry-After`. */
      429: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `outcome-unknown`: The connection to the database was lost while the change was being saved. It may or may not have happened: repeat the request with the same Idempotency-Key, or check your reservations and purchases.
       *
       *     `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  releaseReservation: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id of the reservation. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The reservation, released. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            data: components['schemas']['Hold'];
          };
        };
      };
      /** @description `validation-failed`: A part of the request is not valid; `errors` names each field. */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not-your-reservation`: The reservation belongs to another user. */
      403: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `reservation-not-found`: No reservation has this id. */
      404: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `reservation-expired`: The hold has expired and its unit is back on sale.
       *
       *     `reservation-settled`: The reservation was already purchased, or was released.
       */
      410: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited`: Too many requests. Retry after the time in `Retry-After`. */
      429: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `outcome-unknown`: The connection to the database was lost while the change was being saved. It may or may not have happened: repeat the request with the same Idempotency-Key, or check your reservations and purchases.
       *
       *     `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  releaseReservationByAdmin: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id of the reservation. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': components['schemas']['ReleaseByAdminBody'];
      };
    };
    responses: {
      /** @description The reservation, released. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            data: components['schemas']['Hold'];
          };
        };
      };
      /**
       * @description `validation-failed`: A part of the request is not valid; `errors` names each field.
       *
       *     `malformed-json`: The body is not valid JSON.
       */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: The account may not do this. */
      403: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `reservation-not-found`: No reservation has this id. */
      404: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `reservation-expired`: The hold has expired and its unit is back on sale.
       *
       *     `reservation-settled`: The reservation was already purchased, or was released.
       */
      410: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload-too-large`: The body is over 16 kB. The rest of it is not read, and the connection is closed. */
      413: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type`: Bodies are sent as application/json, in UTF-8, plain or compressed with gzip, deflate or br. */
      415: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `outcome-unknown`: The connection to the database was lost while the change was being saved. It may or may not have happened: repeat the request with the same Idempotency-Key, or check your reservations and purchases.
       *
       *     `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  createPurchase: {
    parameters: {
      query?: never;
      header?: {
        /** @description Chosen by the client, a new one for each action: 1 to 255 visible ASCII characters. Repeating a successful request with the same key returns its result with `Idempotency-Replayed: true` and changes nothing. */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreatePurchaseBody'];
      };
    };
    responses: {
      /** @description The purchase. */
      201: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            data: components['schemas']['Purchase'];
          };
        };
      };
      /**
       * @description `validation-failed`: A part of the request is not valid; `errors` names each field.
       *
       *     `malformed-json`: The body is not valid JSON.
       */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not-your-reservation`: The reservation belongs to another user. */
      403: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `reservation-not-found`: No reservation has this id. */
      404: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `reservation-expired`: The hold has expired and its unit is back on sale.
       *
       *     `reservation-settled`: The reservation was already purchased, or was released.
       */
      410: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `payload-too-large`: The body is over 16 kB. The rest of it is not read, and the connection is closed. */
      413: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type`: Bodies are sent as application/json, in UTF-8, plain or compressed with gzip, deflate or br. */
      415: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`: The Idempotency-Key was used before, for a different request. Use a new key for a new request. */
      422: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited`: Too many requests. Retry after the time in `Retry-After`. */
      429: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `outcome-unknown`: The connection to the database was lost while the change was being saved. It may or may not have happened: repeat the request with the same Idempotency-Key, or check your reservations and purchases.
       *
       *     `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listMyPurchases: {
    parameters: {
      query?: {
        /** @description The page, from 1. */
        page?: number;
        /** @description Items per page, at most 100. */
        pageSize?: number;
        /** @description Only purchases of this drop. `totalItems` is how many units the caller owns. */
        dropId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of purchases, each with its drop. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            /** @description A page of purchases, each with its drop. */
            data: components['schemas']['PurchaseWithDrop'][];
            meta: components['schemas']['PageMeta'];
          };
        };
      };
      /** @description `validation-failed`: A part of the request is not valid; `errors` names each field. */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited`: Too many requests. Retry after the time in `Retry-After`. */
      429: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listDropReservations: {
    parameters: {
      query?: {
        /** @description The page, from 1. */
        page?: number;
        /** @description Items per page, at most 100. */
        pageSize?: number;
        /** @description Only those of users whose username or e-mail contains this text; upper and lower case are the same, and no character is special. */
        q?: string;
        /** @description Only reservations with this status. */
        status?: 'active' | 'completed' | 'expired' | 'released';
      };
      header?: never;
      path: {
        /** @description Id of the drop. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of reservations. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            /** @description A page of reservations. */
            data: components['schemas']['ReservationWithUser'][];
            meta: components['schemas']['PageMeta'];
          };
          'text/csv': string;
        };
      };
      /** @description `validation-failed`: A part of the request is not valid; `errors` names each field. */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: The account may not do this. */
      403: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `drop-not-found`: No drop has this id. */
      404: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listDropPurchases: {
    parameters: {
      query?: {
        /** @description The page, from 1. */
        page?: number;
        /** @description Items per page, at most 100. */
        pageSize?: number;
        /** @description Only those of users whose username or e-mail contains this text; upper and lower case are the same, and no character is special. */
        q?: string;
      };
      header?: never;
      path: {
        /** @description Id of the drop. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of purchases. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @description Always `success`; a failure is a problem.
             * @enum {string}
             */
            status: 'success';
            /** @description A sentence for people. */
            message: string;
            /** @description A page of purchases. */
            data: components['schemas']['PurchaseWithUser'][];
            meta: components['schemas']['PageMeta'];
          };
          'text/csv': string;
        };
      };
      /** @description `validation-failed`: A part of the request is not valid; `errors` names each field. */
      400: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated`: The token is missing, wrong, expired or ended, or its account is deleted or disabled. Sign in again. */
      401: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description The scheme, `Bearer`. */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden`: The account may not do this. */
      403: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `drop-not-found`: No drop has this id. */
      404: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal-error`: A defect in the server. The `requestId` finds it in the log. */
      500: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  health: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Ready. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Health'];
        };
      };
    };
  };
  livez: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Ready. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Health'];
        };
      };
    };
  };
  readyz: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Ready. */
      200: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Health'];
        };
      };
      /**
       * @description `unavailable`: The database cannot be reached, or the server has no connection free. Nothing was changed; try again after `Retry-After`.
       *
       *     `overloaded`: Too many requests are waiting, or this one waited too long. Nothing was changed; try again.
       */
      503: {
        headers: {
          /** @description Finds the request in the log. */
          'X-Request-Id': string;
          /** @description Seconds to wait. */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
}
