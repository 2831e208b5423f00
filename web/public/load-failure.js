// Shows the message in #root when the scripts of the page cannot be loaded, or fail before the first render.
addEventListener(
  'error',
  (event) => {
    const message = document.getElementById('load-failure');
    if (!message || !(event instanceof ErrorEvent || event.target instanceof HTMLScriptElement)) return;
    message.hidden = false;
  },
  // The errors of failed requests do not bubble.
  true,
);
