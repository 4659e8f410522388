(() => {
  // The texts of the page whose contrast is below 4.5:1 (WCAG 2), with their colours.
  const numbers = color => color.match(/[\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const part = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const contrast = (one, other) => {
    const [a, b] = [luminance(one), luminance(other)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const ground = element => {
    for (; element; element = element.parentElement) {
      const color = numbers(getComputedStyle(element).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return numbers(getComputedStyle(document.body).backgroundColor);
  };
  const low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const box = element.getBoundingClientRect();
    if (!walker.currentNode.textContent.trim() || box.width === 0 || element.closest("script, svg, :disabled")) continue;
    const found = contrast(numbers(getComputedStyle(element).color), ground(element));
    if (found < 4.5) low.push(`${element.textContent.slice(0, 40)}: ${found.toFixed(2)}`);
  }
  // The texts of the diagram stand on the paper, the marked row, and the rows of the evidence.
  const probe = document.createElement("i");
  document.body.append(probe);
  const color = name => {
    probe.style.color = `var(--${name})`;
    return numbers(getComputedStyle(probe).color);
  };
  const texts = ["ink", "soft", "bad", "t0", "t1", "t2", "t3", "t4", "t5", "t6"];
  for (const paper of ["paper", "mark", "bad-paper"]) {
    for (const text of texts) {
      const found = contrast(color(text), color(paper));
      if (found < 4.5) low.push(`--${text} on --${paper}: ${found.toFixed(2)}`);
    }
    const line = contrast(color("line"), color(paper));
    if (line < 3) low.push(`the line --line on --${paper}: ${line.toFixed(2)}`);
  }
  probe.remove();
  return low;
})()
