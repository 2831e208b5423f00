// Before anything is drawn, so that no light page flashes up in the dark.
const theme = localStorage.getItem('drop-inventory.theme');
if (theme) document.documentElement.dataset.theme = theme;
