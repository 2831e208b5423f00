import { plural } from './plural.js';

const drop = plural('en', { one: 'drop', other: 'drops' });
const second = plural('en', { one: 'second', other: 'seconds' });
const unit = plural('en', { one: 'unit', other: 'units' });
const heldBy = plural('en', { one: 'one', other: 'several' });

/**
 * Every text of the page, in English. A translation is a file beside this one with an object of the type `Texts`.
 *
 * A text with values is a function of them; the caller formats times, prices and numbers.
 */
export const en = {
  /** BCP 47, the `lang` of the page. */
  language: 'en',
  /** The `dir` of the page. */
  direction: 'ltr' as 'ltr' | 'rtl',
  admin: {
    title: 'Admin',
    newDrop: 'New drop',
    /** The list. */
    noDrops: 'No drops yet',
    noDropsHint: 'A new drop appears here at once.',
    noDropsFound: 'No drops found',
    noDropsFoundHint: 'Try another name or state.',
    showAllDrops: 'Show all drops',
    columns: {
      drop: 'Drop',
      state: 'State',
      left: 'Left',
      onHold: 'On hold',
      sold: 'Sold',
      times: 'Opens, ends',
    },
    /** After the number of units that are sold. */
    ofTotal: (total: string) => `of ${total}`,
    noEnd: 'no end',
    priceAndLimit: (price: string, limit: string) => `${price} · limit ${limit} per person`,
    sortBy: 'Sort by',
    sorts: {
      newest: 'Newest first',
      name: 'Name',
      start: 'Earliest start',
      available: 'Most left',
      sold: 'Most sold',
    },
    /** What a state means for the organiser. */
    states: {
      draft: 'Only admins see it.',
      scheduled: (opens: string) => `Buyers see it. It opens ${opens}.`,
      live: 'Buyers can reserve it.',
      allHeld: 'All units are on hold or sold. Units on hold come back if they are not bought.',
      soldOut: 'Every unit is sold.',
      paused: 'No unit can be reserved. Units on hold can still be bought.',
      ended: 'The sale is over. Set a later end to open it again.',
      cancelled: 'It is cancelled for good. What was bought stays bought.',
    },
    changeState: 'Change the state',
    actionOn: (action: string, drop: string) => `${action}: ${drop}`,
    /** `opens`: the time of a start in the future. */
    publish: {
      label: 'Publish',
      busy: 'Publishing …',
      consequence: (opens: string | null) =>
        opens === null ? 'Every buyer sees it and can reserve it at once.' : `Every buyer sees it. It opens ${opens}.`,
      done: (drop: string) => `“${drop}” is published`,
    },
    pause: {
      label: 'Pause',
      busy: 'Pausing …',
      consequence: 'No unit can be reserved until you resume the sale. Units on hold can still be bought.',
      done: (drop: string) => `“${drop}” is paused`,
    },
    resume: {
      label: 'Resume',
      busy: 'Resuming …',
      consequence: (opens: string | null) =>
        opens === null
          ? 'The sale goes on: buyers can reserve it at once.'
          : `The pause ends, and the drop opens ${opens}.`,
      done: (drop: string) => `“${drop}” is resumed`,
    },
    end: {
      label: 'End',
      busy: 'Ending …',
      consequence:
        'No unit can be reserved any more. Units on hold can still be bought. To open the sale again, set a later end.',
      done: (drop: string) => `“${drop}” has ended`,
    },
    cancel: {
      label: 'Cancel drop',
      busy: 'Cancelling …',
      /** `held`: units on hold. */
      consequence: (held: number, formattedHeld: string) =>
        `${
          held === 0
            ? 'No unit is on hold now.'
            : heldBy(held) === 'one'
              ? 'The unit on hold is released, and its buyer is notified.'
              : `${formattedHeld} units on hold are released, and their buyers are notified.`
        } What was bought stays bought. This cannot be undone.`,
      done: (drop: string) => `“${drop}” is cancelled`,
      nameLabel: 'Name of the drop',
      nameHint: (drop: string) => `To confirm, type: ${drop}`,
    },
    reason: 'Reason',
    reasonHint: 'Optional. Kept in the history of the drop, for admins.',
    /** The form of a drop. */
    fields: {
      name: 'Name',
      description: 'Description',
      descriptionHint: 'Optional. Plain text; line breaks stay.',
      price: 'Price',
      currency: 'Currency',
      currencyOption: (code: string, name: string) => (code === name ? code : `${code} · ${name}`),
      currencyFixed: 'It stays as it is once a unit was reserved.',
      units: 'Units',
      start: 'Start',
      startHint: 'Your local time. Leave empty to open now.',
      end: 'End',
      endHint: 'Your local time. Leave empty for no end.',
      limit: 'Limit per person',
      limitHint: 'Reserved and bought. Leave empty for no limit.',
      holdSeconds: 'Seconds on hold',
      holdSecondsHint: 'To buy what is reserved. Leave empty for the shop’s default.',
      picture: 'Picture',
      pictureHint: 'Optional. A URL, a path on this server, or one of these:',
      pictures: 'Pictures of this server',
      published: 'When it is saved',
    },
    publishNow: 'Publish it now',
    publishNowHint: 'Buyers see it at once, and can reserve it from its start.',
    keepAsDraft: 'Keep it as a draft',
    keepAsDraftHint: 'Only admins see it, until one of them publishes it.',
    preview: 'As buyers see it',
    unnamed: 'Name of the drop',
    publishDrop: 'Publish the drop',
    publishingDrop: 'Publishing …',
    saveDraft: 'Save the draft',
    saving: 'Saving …',
    startAgain: 'Start again',
    created: 'Drop created.',
    createdDraft: 'Drop saved as a draft.',
    createdDraftHint: 'Only admins see it.',
    viewIt: 'View it',
    copyOf: (drop: string) => `Copy of ${drop}`,
    /** The details of a drop, and the form that changes them. */
    details: 'Details',
    never: 'never',
    none: 'none',
    noLimit: 'no limit',
    onHoldFor: 'On hold for',
    editDetails: 'Edit details',
    duplicate: 'Duplicate',
    saveChanges: 'Save changes',
    changesSaved: 'Your changes are saved',
    changesSavedHint: 'Every open page shows them.',
    close: 'Close',
    discardChanges: 'Discard changes',
    quoted: (value: string) => `“${value}”`,
    changedMeanwhile: (value: string) => `Changed meanwhile to ${value}. Saving replaces it.`,
  },
  common: {
    /** `1 unit`, `1,250 units` */
    units: (value: number, formatted: string) => `${formatted} ${unit(value)}`,
    /** `1 second`, `60 seconds` */
    seconds: (value: number, formatted: string) => `${formatted} ${second(value)}`,
    /** The accessible name of a control that several drops have: `Reserve: Alarm clock`. */
    of: (label: string, name: string) => `${label}: ${name}`,
    loading: 'Loading',
    tryAgain: 'Try again',
    /** Numbers that may be old are shown. */
    lastKnown: 'Connection lost · last known numbers',
    /** After the number of units that were left. */
    leftOfLastKnown: (total: string) => `Connection lost · of ${total} (last known)`,
    leftOf: (total: string) => `left of ${total}`,
    /** After the number of units that were sold of a drop that has ended. */
    soldOf: (total: string) => `of ${total} sold`,
    /** The value of a figure that is not known. */
    noValue: '–',
    wallDisplay: 'Wall display',
    signInAsAdmin: 'Sign in as an admin',
    percent: (number: string) => `${number}\u00a0%`,
    conversion: {
      name: 'Conversion',
      note: (bought: string, holds: string) => `${bought} of ${holds} holds`,
    },
    /** Why reservations were refused, by the code of the problem. */
    refusals: {
      'sold-out': 'Sold out',
      'already-reserved': 'Already in their cart',
      'limit-reached': 'Limit per customer reached',
      'cool-down': 'Let too many holds expire',
      'drop-not-started': 'Not open yet',
      'drop-paused': 'Paused',
      'drop-ended': 'Ended',
      'drop-not-found': 'Not published',
      'idempotency-key-reused': 'Repeated with other content',
    } as Readonly<Record<string, string>>,
    /** A title within a text. */
    sentence: (title: string) => (/[.!?…]$/.test(title) ? title : `${title}.`),
    signIn: 'Sign in',
    createAccount: 'Create account',
    /** The link to the list of drops. */
    browseDrops: 'Browse drops',
    email: 'Email',
    /** Of an account, as others see it. */
    userName: 'Name',
    password: 'Password',
    passwordHint: 'At least 6 characters.',
  },
  account: {
    title: 'Your account',
    details: {
      title: 'Details',
      memberSince: 'Member since',
      /** In place of a value that is not loaded yet. */
      notLoaded: '…',
      note: 'Your name is shown to others when you buy. Your email is not.',
    },
    sessions: {
      title: 'Signed in on another device?',
      text: 'Sign out on every device and in every tab, this one included. Your holds and purchases stay.',
      action: 'Sign out everywhere',
      busy: 'Signing out …',
    },
    data: {
      title: 'Your data',
      text: 'Everything the shop has about you, as a JSON file: your details, holds and purchases.',
      action: 'Download my data',
      busy: 'Preparing …',
      done: 'Your data is downloaded',
      fileName: (user: string) => `drop-inventory-${user}.json`,
    },
    changePassword: {
      title: 'Change password',
      current: 'Current password',
      next: 'New password',
      repeated: 'New password again',
      busy: 'Changing …',
      done: 'Your password is changed',
      doneText: 'You stay signed in here, and are signed out on other devices.',
      mismatch: 'The two new passwords are different.',
      wrong: 'This is not your current password.',
    },
    close: {
      title: 'Close account',
      consequences: [
        'Your name, email and password are removed. You are signed out everywhere.',
        'What you have on hold goes back on sale.',
        'Purchases stay in the records of the shop, without your name.',
        'This cannot be undone. Download your data first if you want to keep it.',
      ],
      confirm: 'Close my account for good',
      busy: 'Closing …',
      wrong: 'This is not your password.',
    },
  },
  api: {
    /** Problems with the same text in each case. */
    problems: {
      'sold-out': {
        title: 'Sold out',
        text: 'Every unit is on hold or sold. Some may come back when holds expire or are released.',
      },
      'already-reserved': {
        title: 'You already have one on hold',
        text: 'Buy it or release it before you reserve another.',
      },
      'drop-paused': { title: 'This drop is paused', text: 'You can reserve again when it continues.' },
      'drop-ended': { title: 'This drop has ended', text: 'It can no longer be reserved.' },
      'drop-not-found': {
        title: 'This drop was not found',
        text: 'The link may be incomplete, or the drop may have been removed.',
      },
      'drop-not-started': { title: 'This drop is not open yet', text: 'The countdown shows when it opens.' },
      'reservation-expired': { title: 'Your hold expired', text: 'The unit is no longer reserved for you.' },
      'reservation-settled': {
        title: 'Already bought or released',
        text: 'You bought or released it, perhaps in another tab.',
      },
      'reservation-not-found': {
        title: 'This hold was not found',
        text: 'It may have been released in another tab.',
      },
      'not-your-reservation': {
        title: 'This hold belongs to another account',
        text: 'Sign in with the account that reserved it.',
      },
      unauthenticated: { title: 'Your session has ended', text: 'Sign in again to continue.' },
      'invalid-credentials': { title: 'Wrong email or password.', text: 'Check both and try again.' },
      'last-admin': {
        title: 'You are the only admin',
        text: 'Make another account an admin first, and then close this one.',
      },
      'email-taken': { title: 'This email already has an account', text: 'Sign in with it, or use another one.' },
      'username-taken': { title: 'This name is taken', text: 'Choose another one.' },
      'outcome-unknown': {
        title: 'It is not certain whether that worked',
        text: 'The connection to the database was lost. Check before you try again.',
      },
      unavailable: { title: 'The shop is briefly unavailable.', text: 'Try again in a few seconds.' },
      overloaded: { title: 'The shop is very busy', text: 'Try again in a few seconds.' },
    },
    noAnswer: { title: 'No answer from the shop', text: 'Check your connection and try again.' },
    pageError: { title: 'Something went wrong on this page', text: 'Reload it.' },
    accountDisabled: {
      title: 'This account is disabled',
      text: 'The shop has disabled it, and it cannot be used now.',
    },
    soldOutForGood: 'Every unit is sold.',
    allHeld: {
      title: 'All held',
      text: 'Some may come back. Stay on this page; the count updates live.',
    },
    tooManyAttempts: 'Too many attempts',
    waitFor: (seconds: number) => `Wait ${seconds} ${second(seconds)} and try again.`,
    limitReached: (units: number) => `Limit reached. ${units === 1 ? 'One' : units} per person.`,
    dropState: 'Not possible in this state',
    stockInUse: {
      title: 'The other units are on hold or sold',
      none: 'No unit can be taken off sale.',
      some: (units: number) => `At most ${units} can be taken off sale.`,
    },
    /** Requests that may have been carried out, and how to find out. */
    uncertain: {
      reserve: {
        title: 'It is not certain whether you reserved one',
        text: 'No clear answer came. Try again: you get one at most.',
      },
      buy: {
        title: 'It is not certain whether you bought it',
        text: 'No clear answer came. Try again: you pay once at most.',
      },
      release: {
        title: 'It is not certain whether it was released',
        text: 'No clear answer came. Try again.',
      },
      createDrop: {
        title: 'It is not certain whether the drop was created',
        text: 'No clear answer came. Try again without changing the form: it is created once at most.',
      },
      changeDrop: {
        title: 'It is not certain whether the drop was changed',
        text: 'No clear answer came. Try again: nothing happens if it was.',
      },
      changeStock: {
        title: 'It is not certain whether the stock was changed',
        text: 'No clear answer came. Try again without changing the form: it is changed once at most.',
      },
      changePassword: {
        title: 'It is not certain whether your password was changed',
        text: 'No clear answer came. If you are asked to sign in again, try the new password first.',
      },
      closeAccount: {
        title: 'It is not certain whether your account was closed',
        text: 'No clear answer came. If it was closed, you are signed out; otherwise try again.',
      },
      register: {
        title: 'Your account may exist already',
        text: 'No clear answer came. Sign in with the email and password you entered. If that is refused, create the account again.',
      },
    },
  },
  auth: {
    signIn: { busy: 'Signing in …', noAccount: 'No account yet?' },
    register: {
      busy: 'Creating account …',
      haveAccount: 'Already have an account?',
      nameHint: '3 to 32 letters, digits or _ . - Shown to others when you buy.',
    },
    /** Where a visitor reserves. */
    dialog: {
      signIn: (drop: string) => `Sign in to reserve ${drop}`,
      register: (drop: string) => `Create an account to reserve ${drop}`,
      text: 'One unit is reserved for you right after, while stocks last.',
    },
    signedIn: 'You are signed in',
    onlyHere: 'This tab only',
    onlyHereHint: '(use another account in another tab)',
    demoAccounts: 'Demo accounts',
    useDemoAccount: (user: string) => `Use the demo account ${user}`,
    howItWorks: {
      label: 'How a drop works',
      steps: [
        { title: 'Reserve.', text: 'One unit is taken out of the stock and held for you.' },
        { title: 'Decide.', text: 'The countdown shows how long it is yours.' },
        { title: 'Buy it, or release it.', text: 'What is not bought in time goes back on sale.' },
      ],
    },
    signedInOnly: { title: 'Sign in to see this', text: 'This page needs an account.' },
    adminsOnly: {
      title: 'Sign in as an admin',
      text: (user: string) => `This page is for admins. ${user} is not one.`,
      otherAccount: 'Use another account',
    },
    signOutReasons: {
      ended:
        'It expired, or you changed your password or signed out everywhere on another device. Sign in again to continue.',
      signedOutEverywhere: {
        title: 'You are signed out everywhere',
        text: 'Sign in again on each device that you use.',
      },
      disabled: {
        title: 'Your account is disabled',
        text: 'The shop has disabled it. You are signed out, and your holds were released. You can still look around.',
      },
      gone: {
        title: 'This account no longer exists',
        text: 'It was closed, so you are signed out. You can still look around, or create another account.',
      },
      closed: {
        title: 'Your account is closed',
        text: 'You are signed out, your personal data is removed, and your holds were released.',
      },
    },
  },
  dashboard: {
    title: 'Dashboard',
    fullScreen: { enter: 'Full screen', leave: 'Exit full screen' },
    allDrops: {
      title: 'All drops',
      open: 'Drops open',
      left: 'Units left',
      held: 'Units on hold',
      sold: 'Units sold',
      newestOnly: (drops: string) => `The ${drops} newest drops only`,
    },
    system: {
      title: 'System',
      forAdmins: 'Connections and rates are shown to admins.',
      connected: 'People connected',
      processes: (count: string) => `on ${count} processes`,
      reservations: 'Reservations/s',
      refusals: 'Refusals/s',
      purchases: 'Purchases/s',
      expiries: 'Expired holds/s',
      holdChart: {
        title: 'Holds per second',
        label: 'Reserved, bought, expired and released per second in the last five minutes',
        reserved: 'reserved',
        bought: 'bought',
        expired: 'expired',
        released: 'released',
      },
      refusalChart: {
        title: 'Refusals per second',
        label: 'Refusals per second in the last five minutes',
        none: 'No refusals in the last minute',
        reasons: 'Refusals in the last minute by reason',
      },
    },
    stock: {
      title: 'Stock over time',
      legend: { sold: 'sold', held: 'on hold', left: 'left' },
      range: 'Time range',
      ranges: {
        minutes: { name: '5 min', inWords: 'the last five minutes' },
        hour: { name: '1 hour', inWords: 'the last hour' },
        day: { name: '1 day', inWords: 'the last day' },
        all: { name: 'All', inWords: 'the whole time' },
      },
      withEnded: 'Include ended',
      none: { title: 'No active drops', text: 'No drop is open or coming up.' },
      left: 'Left',
      held: 'On hold',
      sold: 'Sold',
      soldOf: (total: string) => `of ${total}`,
      chart: (range: string, left: string, held: string, sold: string, total: string) =>
        `Stock in ${range}: now ${left} left, ${held} on hold and ${sold} sold of ${total}`,
      wallOf: (name: string) => `Wall display: ${name}`,
      notLoaded: 'The earlier stock could not be loaded.',
    },
    activity: {
      title: 'Activity',
      none: 'No activity yet',
      /** In place of the name of a drop that was not loaded. */
      unnamed: 'A drop',
      reserved: (units: string) => `${units} reserved`,
      backOnSale: (units: string) => `${units} back on sale`,
      added: (units: string) => `${units} added`,
      removed: (units: string) => `${units} removed`,
      sold: (units: string) => `${units} sold`,
      bought: (names: readonly string[]) => `bought by ${names.join(', ')}`,
      boughtWithOthers: (names: readonly string[], others: string) =>
        `bought by ${names.join(', ')} and ${others} more`,
      created: 'new drop',
    },
    wall: {
      sold: 'Sold',
      held: 'On hold',
      units: 'Units',
      endsIn: 'Ends in',
      opensIn: (start: string) => `until it opens · ${start}`,
      opening: 'Opening',
      ending: 'Ending',
      mayComeBack: (left: string) => `${left} · some may come back`,
      signIn: 'Sign in as an admin to see how many people are connected',
      over: {
        cancelled: { title: 'Cancelled', text: 'This drop will not take place.' },
        soldOut: { title: 'Sold out', text: 'Every unit is sold.' },
        ended: { title: 'Ended', text: (sold: string, total: string) => `${sold} of ${total} units sold.` },
      },
      next: 'Next drop',
      opensAt: (start: string, countdown: string) => `Opens ${start}, in ${countdown}`,
      open: 'On sale now',
      movesOnIn: (countdown: string) => `On this screen in ${countdown}`,
      noNext: 'No drop is planned yet. The next one appears here once it is published.',
    },
  },
  drops: {
    list: {
      title: 'Drops',
      /** @param time to buy a reserved unit; null: it differs between the drops. */
      lead: (time: string | null) =>
        time === null
          ? 'Reserve one, then buy it before your time runs out.'
          : `Reserve one and you have ${time} to buy it.`,
      loading: 'Loading drops',
      failed: 'We couldn’t load the drops.',
      noneFound: { title: 'No drops found', text: 'Try another name or another filter.' },
      noneYet: { title: 'No drops yet', text: 'New drops appear here as soon as they are announced.' },
      showAll: 'Show all drops',
    },
    share: {
      label: 'Share',
      copied: 'Link copied',
      link: 'Link to this drop',
    },
    latestBuyers: 'Latest buyers',
    /** The heading of the description. */
    description: 'About this drop',
    /** @param time to buy a reserved unit. */
    timeToBuy: (time: string) => `Reserve one and you have ${time} to buy it.`,
    facts: {
      sold: 'Sold',
      limit: 'Limit',
      noLimit: 'No limit',
      opens: 'Opens',
      ends: 'Ends',
      untilSoldOut: 'While stocks last',
    },
    /** The state beside the button on a phone. */
    state: {
      left: (units: string) => `${units} left`,
      lastKnown: (units: string) => `${units} last known`,
      opens: (moment: string) => `Opens ${moment}`,
    },
  },
  forms: {
    /** What the API says about a field: `Price must be at least 0`. */
    fieldError: (label: string, message: string) => `${label} ${message}`,
  },
  help: {
    help: {
      title: 'Help',
      sections: [
        {
          title: 'What is a drop?',
          paragraphs: [
            'A drop is a limited number of units that go on sale at a set time. Before it opens, its page counts down to the start. The times are in your time zone.',
            'The number of units that are left is live. You do not have to reload the page.',
          ],
        },
        {
          title: 'How do I get one?',
          paragraphs: [
            'Press Reserve once the drop is open. One unit is then held for you, and a countdown shows how long. Sign in or create an account when you are asked: your unit is reserved right after.',
            'Buy it before the countdown ends. Reloading the page or changing the device does not end your hold.',
          ],
        },
        {
          title: 'What if my time runs out?',
          paragraphs: [
            'Your hold expires and the unit goes back on sale. You can reserve again while stocks last. If you let several holds of a drop expire, you may have to wait before you can reserve it again.',
            'If you change your mind, release your hold. The unit is back on sale at once.',
          ],
        },
        {
          title: 'All units are held. Is it over?',
          paragraphs: [
            'Not yet. Units that are held come back when a hold expires or is released. Stay on the page; the count updates live. A drop is sold out only when every unit is bought.',
          ],
        },
        {
          title: 'How many can I buy?',
          paragraphs: [
            'You can hold one unit of a drop at a time. If a drop has a limit per person, it is shown on its page; units that you hold or have bought count.',
          ],
        },
        {
          title: 'Where are my purchases?',
          paragraphs: [
            'Your order history lists what you have bought and what you paid. You can download all data that the shop has about you on the page of your account, and close the account there.',
          ],
        },
      ],
    },
    terms: {
      title: 'Terms',
      sections: [
        {
          title: 'Reservations',
          paragraphs: [
            'A reservation holds one unit of a drop for you until the time shown. Until then it is not offered to others. A reservation costs nothing and you do not have to buy.',
            'Reservations are made in the order in which they arrive at the shop. The clock of the shop decides when a drop opens and when a hold expires.',
          ],
        },
        {
          title: 'Purchases',
          paragraphs: [
            'You buy a unit for the price that was shown when you reserved it. A purchase is complete when the shop confirms it.',
            'Each person has one account. Limits per person apply to each drop.',
          ],
        },
        {
          title: 'Changes to a drop',
          paragraphs: [
            'The shop may pause or cancel a drop, change the number of units, or release reservations. Units that you have bought stay yours.',
          ],
        },
        {
          title: 'Your account and your data',
          paragraphs: [
            'When you buy, your name is shown among the latest buyers of the drop. Your email is never shown to other shoppers.',
            'You can close your account at any time. Your name, email and password are then removed. Purchases stay in the records of the shop, without your name.',
            'The shop may disable accounts that get around its limits.',
          ],
        },
      ],
    },
  },
  holds: {
    title: 'Cart',
    failed: 'We couldn’t load your cart.',
    oneFailed: 'We couldn’t load this item.',
    none: { title: 'No active holds', text: 'What you reserve waits here until its time runs out.' },
    inCart: 'In your cart',
    inCartOf: (name: string) => `In your cart: ${name}`,
    /** @param clock the time that is left, read by screen readers after "In your cart". */
    timeLeft: (clock: string) => `for ${clock}`,
    more: (units: string) => `${units} more`,
    buy: { label: 'Buy now', busy: 'Buying …' },
    release: { label: 'Release', busy: 'Releasing …' },
    /** Announced to screen readers. @param time to buy it. */
    reserved: (name: string, time: string) => `${name} is in your cart. You have ${time} to buy it.`,
    released: (name: string) => `${name} released.`,
    bought: {
      title: 'You got it!',
      view: 'View your purchase',
      close: 'Keep browsing',
      /** The other active holds, whose time runs. */
      others: (units: string) => `${units} more in your cart`,
    },
    /** Announced to screen readers, and the title of the window. */
    lastCall: (name: string, time: string) => `${name}: ${time} left to buy`,
    windowTitle: (clock: string, name: string) => `${clock} · Buy ${name}`,
    /** In place of the name of a drop that is not loaded yet. */
    unnamed: 'Your item',
    sound: 'Sound in the last seconds',
    ended: {
      dropCancelled: {
        title: 'The drop was cancelled',
        text: 'The shop cancelled it, and your hold with it.',
      },
      releasedByShop: {
        title: 'Your hold was released',
        text: 'The shop released it.',
      },
      seeDrop: 'See the drop',
    },
  },
  organiser: {
    title: 'Admin',
    shopPage: 'Shop page',
    times: (start: string, end: string) => `Opens ${start} · Ends ${end}`,
    timesWithoutEnd: (start: string) => `Opens ${start} · No end`,
    sections: {
      label: 'Sections of this page',
      state: 'State',
      stock: 'Stock',
      details: 'Details',
      figures: 'Figures',
      lists: 'Lists',
    },
    stock: {
      left: 'Left',
      held: 'On hold',
      sold: 'Sold',
      total: (units: string) => `${units} in total`,
      ended: 'The stock of an ended drop cannot be changed.',
      cancelled: 'The stock of a cancelled drop cannot be changed.',
      form: 'Change the stock',
      units: 'Units',
      reason: 'Reason',
      reasonHint: 'Optional. Kept in the history.',
      add: 'Put on sale',
      remove: 'Take off sale',
      added: (units: string, drop: string) => `${units} put on sale: ${drop}`,
      removed: (units: string, drop: string) => `${units} taken off sale: ${drop}`,
      newTotal: (total: string) => `${total} in total now.`,
    },
    figures: {
      revenue: 'Revenue',
      sold: (units: string) => `${units} sold`,
      timeToPurchase: 'Time to purchase',
      median: 'median',
      peak: 'Peak',
      peakNote: 'reservations in one second',
      attempts: 'Attempts',
      attemptsNote: 'to reserve',
      expired: 'Expired',
      released: (holds: string) => `${holds} released`,
      refused: 'Refused',
      noneRefused: 'No reservation was refused.',
    },
    lists: {
      label: 'Lists of this drop',
      holds: 'Reservations',
      buyers: 'Buyers',
      history: 'History',
      search: 'Name or email',
      export: 'Export CSV',
      exporting: 'Exporting …',
      exported: 'Exported as CSV',
      exportHolds: 'Export CSV: reservations',
      exportBuyers: 'Export CSV: buyers',
      exportHistory: 'Export CSV: history',
      holdsFile: (drop: string) => `${drop} reservations.csv`,
      buyersFile: (drop: string) => `${drop} buyers.csv`,
      historyFile: (drop: string) => `${drop} history.csv`,
    },
    holds: {
      filter: 'Filter by state',
      all: 'All',
      active: 'On hold',
      completed: 'Bought',
      expired: 'Expired',
      released: 'Released',
      none: {
        all: 'No reservations yet',
        active: 'No active holds',
        completed: 'No purchases yet',
        expired: 'No expired reservations',
        released: 'No released reservations',
      },
      notFound: 'No customers found. Try another name or state.',
      release: 'Release',
      releaseOf: (customer: string) => `Release the reservation of ${customer}`,
    },
    release: {
      question: (customer: string) => `Release the reservation of ${customer}?`,
      text: 'The unit goes back on sale immediately. The customer sees that the shop released it.',
      confirm: 'Release',
      busy: 'Releasing …',
      done: (customer: string) => `Reservation of ${customer} released`,
      doneText: 'The unit is back on sale.',
      expired: { title: 'It has expired', text: 'The unit is already back on sale.' },
      settled: { title: 'It is over', text: 'The customer bought the unit or released the reservation.' },
    },
    buyers: { none: 'Nothing sold yet', notFound: 'No buyers found. Try another name.' },
    history: {
      none: 'No changes yet',
      stock: (left: string, held: string, sold: string) => `${left} left, ${held} on hold, ${sold} sold`,
      reason: (text: string) => `“${text}”`,
      changes: (parts: readonly string[]) => parts.join(', '),
      changed: 'Changed',
      createdWith: (units: string) => `Created with ${units}`,
      added: (units: string) => `${units} put on sale`,
      removed: (units: string) => `${units} taken off sale`,
      sold: (units: string) => `${units} sold`,
      reserved: (units: string) => `${units} reserved`,
      expired: (units: string) => `${units} expired`,
      released: (units: string) => `${units} released`,
      published: 'Published',
      paused: 'Paused',
      resumed: 'Resumed',
      cancelled: 'Cancelled',
      ended: 'Ended',
      endRemoved: 'No end',
      ends: (time: string) => `Ends ${time}`,
      opens: (time: string) => `Opens ${time}`,
      price: (price: string) => `Price ${price}`,
      name: (name: string) => `Name “${name}”`,
      currency: (code: string) => `Currency ${code}`,
      newDescription: 'New description',
      noDescription: 'No description',
      newPicture: 'New picture',
      noPicture: 'No picture',
      limit: (units: string) => `Limit ${units} per customer`,
      noLimit: 'No limit per customer',
      holdTime: (time: string) => `${time} to buy`,
      defaultHoldTime: 'Default time to buy',
      other: (column: string, value: string) => `${column} ${value}`,
      empty: 'empty',
      by: {
        deletedAccount: 'Deleted account',
        databaseRole: (role: string) => `${role}, in the database`,
        expiry: 'Time ran out',
        customers: 'Customers',
        unknown: 'Unknown',
      },
    },
  },
  page: {
    name: 'Drop Inventory',
    description: 'Limited-edition drops, counted live and never oversold.',
    noScripts: 'The shop could not be loaded. Check your connection and try again.',
    needsJavaScript: 'The shop shows live stock and needs JavaScript.',
    windowTitle: (page: string) => `${page} · Drop Inventory`,
    connection: {
      /** Before the state, for screen readers. */
      label: 'Live updates:',
      live: { word: 'Live', meaning: 'Every number is current.' },
      connecting: { word: 'Connecting', meaning: 'Live updates are about to start.' },
      stale: { word: 'Out of date', meaning: 'No answer for a while. Numbers may be old.' },
      reconnecting: { word: 'Reconnecting', meaning: 'The connection was lost. Numbers may be old.' },
      offline: { word: 'Offline', meaning: 'This device has no network. Numbers may be old.' },
      refused: { word: 'Signed out', meaning: 'Your session has ended.' },
      closed: { word: 'Closed', meaning: 'Live updates have ended. Reload the page.' },
    },
    drop: { title: 'Drop', notLoaded: 'The drop could not be loaded.' },
    notFound: {
      title: 'Page not found',
      heading: 'No page at this address',
      text: 'The link may be incomplete, or the page may have been removed.',
    },
    notLoaded: {
      title: 'Not loaded',
      heading: 'This page could not be loaded',
      text: 'Check your connection and try again. If that does not help, reload the page in your browser.',
    },
    offline: {
      heading: 'There is no network',
      text: 'This page was not loaded before the network was lost. It opens when the network is back.',
    },
    failed: {
      title: 'Something went wrong',
      heading: 'This page cannot be shown',
      text: 'An error occurred in the page. Try again, or reload the page in your browser.',
    },
  },
  purchases: {
    title: 'Order history',
    failed: 'We couldn’t load your orders.',
    none: { title: 'No orders yet', text: 'What you buy appears here.' },
    number: (id: string) => `Order ${id}`,
  },
  shell: {
    home: 'Drop Inventory: all drops',
    /** The two words of the logo. */
    logo: { first: 'Drop', second: 'Inventory' },
    skip: 'Skip to the content',
    nav: {
      label: 'Main',
      drops: 'Drops',
      holds: 'Cart',
      purchases: 'Order history',
      dashboard: 'Dashboard',
      admin: 'Admin',
    },
    account: {
      of: (user: string) => `Account of ${user}`,
      settings: 'Settings',
      link: 'Your account',
      themes: 'Colours',
      system: 'System',
      light: 'Light',
      dark: 'Dark',
      signOut: 'Sign out',
      signedOut: 'You are signed out',
    },
    footer: { claim: 'Counted live. Never oversold.', label: 'About the shop', help: 'Help', terms: 'Terms' },
    notices: { label: 'Notices', dismiss: (title: string) => `Dismiss: ${title}`, dismissSign: '×' },
    /** Signing in took longer than the drop lasted. */
    tooLate: {
      soldOut: (drop: string) => `Too late. ${drop} sold out while you signed in.`,
      allHeld: (drop: string) => `Too late. Every unit of ${drop} is on hold. Some may come back.`,
      ended: (drop: string) => `Too late. ${drop} ended while you signed in.`,
    },
    failed: {
      title: 'The shop cannot be shown',
      text: 'An error occurred in the page. Your holds and purchases are not affected.',
      reload: 'Reload the page',
    },
  },
  ticket: {
    action: {
      reserve: { label: 'Reserve', busy: 'Reserving …' },
      signIn: 'Sign in to reserve',
      allHeld: 'All held, some may come back',
      soldOut: 'Sold out',
      opensIn: (clock: string) => `Opens in ${clock}`,
      opening: 'Opening …',
      paused: 'Paused',
      ended: 'Ended',
      cancelled: 'Cancelled',
      draft: 'Not published yet',
      /** After reservations that were not bought. */
      againIn: (clock: string) => `Again in ${clock}`,
    },
    /** The tag of a drop without free units. */
    allHeld: 'All held',
    owned: (units: string) => `You own ${units}`,
    limit: (units: string) => `Limit: ${units} per person`,
    perPerson: (units: string) => `${units} per person`,
    limitReached: (value: number, units: string) => `Limit reached. ${value === 1 ? 'One' : units} per person.`,
    updatesLive: 'Stay on this page; the count updates live.',
    held: (units: string) => `${units} on hold`,
    /** Before the start: the parts of one line. */
    opening: {
      separator: ' · ',
      facts: (moment: string, units: string) => `${moment} · ${units}`,
      lastKnown: 'last known',
    },
    buyers: {
      label: (name: string) => `Latest buyers of ${name}`,
      none: 'No buyers yet',
      unknown: 'The buyers are not available',
    },
  },
  ui: {
    goBack: 'Go back',
    filters: {
      label: 'Filter by state',
      all: 'All',
      search: 'Search by name',
      found: (drops: number, formatted: string) => `${formatted} ${drop(drops)}`,
    },
    pager: {
      label: 'Pages',
      previous: 'Previous',
      next: 'Next',
      position: (page: string, pages: string) => `Page ${page} of ${pages}`,
    },
    status: {
      live: 'Live',
      scheduled: 'Upcoming',
      sold_out: 'Sold out',
      paused: 'Paused',
      ended: 'Ended',
      cancelled: 'Cancelled',
      draft: 'Draft',
    },
    /** The last known state, while the current one is not known. */
    statusBefore: {
      live: 'Was live',
      scheduled: 'Was upcoming',
      sold_out: 'Was sold out',
      paused: 'Was paused',
      ended: 'Was ended',
      cancelled: 'Was cancelled',
      draft: 'Was draft',
    },
    /** A price of 0. */
    free: 'Free',
    /** @param clock `04:00:00` */
    daysAndClock: (days: string, clock: string) => `${days} d ${clock}`,
    seconds: (value: string) => `${value} s`,
    minutes: (clock: string) => `${clock} min`,
    hours: (clock: string) => `${clock} h`,
    justNow: 'just now',
    minutesAgo: (minutes: string) => `${minutes} min ago`,
    hoursAgo: (hours: string) => `${hours} h ago`,
    daysAgo: (days: string) => `${days} d ago`,
  },
};
