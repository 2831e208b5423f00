// Before anything is drawn, so that no light page flashes up in the dark.
try {
  const theme = localStorage.getItem('drop-inventory.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Site data is blocked: the colours are those of the system.
}
