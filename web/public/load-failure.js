// Shows the message in #root when the scripts of the page cannot be loaded, or fail before they have drawn anything in its place.
addEventListener(
  'error',
  (event) => {
    const message = document.getElementById('load-failure');
    if (!message || !(event instanceof ErrorEvent || event.target instanceof HTMLScriptElement)) return;
    message.hidden = false;
  },
  // Failed requests do not bubble.
  true,
);
