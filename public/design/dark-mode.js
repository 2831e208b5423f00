// Swagger UI has a class of its own for dark colours. theme.js has run before, if the reader has chosen a theme in the shop.
const isDarkSystem = matchMedia('(prefers-color-scheme: dark)');

function followTheme() {
  const { theme } = document.documentElement.dataset;
  const isDark = theme ? theme === 'dark' : isDarkSystem.matches;
  document.documentElement.classList.toggle('dark-mode', isDark);
}

isDarkSystem.addEventListener('change', followTheme);
followTheme();
