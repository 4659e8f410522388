/** Takes the theme of the book that leads here, if a reader has chosen one. */
try {
  const theme = (localStorage.getItem("mdbook-theme") ?? "").replaceAll('"', "");
  if (theme) document.documentElement.dataset.theme = ["light", "rust"].includes(theme) ? "light" : "dark";
} catch {
  // A browser may keep a page from it.
}
