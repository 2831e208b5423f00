// Runs before the first paint, so that no light page flashes in dark mode.
try {
  const theme = localStorage.getItem('drop-inventory.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Site data is blocked: use the colours of the system.
}
