(() => {
  // What is wrong with the figure of the page: texts that touch something, cannot be read, or are too small.
  const svg = document.querySelector("svg.raft");
  const wrong = [];
  const sheet = svg.getBoundingClientRect();
  if (sheet.height > 900.5) wrong.push(`it is ${sheet.height} px high`);
  if (sheet.right > innerWidth) wrong.push("it is wider than the window");
  const texts = [...svg.querySelectorAll("text")].map(element => ({element, box: element.getBoundingClientRect()}));
  const name = text => `"${text.element.textContent}"`;
  const overlap = (one, other) => Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1 &&
    Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 3;
  texts.forEach((text, at) => {
    const {box} = text;
    if (box.left < sheet.left || box.right > sheet.right || box.bottom > sheet.bottom) wrong.push(`${name(text)} leaves the figure`);
    const size = parseFloat(getComputedStyle(text.element).fontSize) * sheet.width / 360;
    if (size < 10.9) wrong.push(`${name(text)} is ${size.toFixed(1)} px high`);
    for (const other of texts.slice(at + 1)) if (overlap(box, other.box)) wrong.push(`${name(text)} touches ${name(other)}`);
  });
  // The number in a circle covers what is below it. Everything else must be clear of all lines.
  const free = texts.filter(({element}) => !element.matches(".in, .out"));
  for (const path of svg.querySelectorAll("path.message, path.asks, path.waits, path.lane, path.down, path.apart, path.cross")) {
    const matrix = path.getScreenCTM();
    const length = path.getTotalLength();
    for (let at = 0; at <= length; at += 2) {
      const point = path.getPointAtLength(at).matrixTransform(matrix);
      const hit = free.find(({box}) => point.x > box.left && point.x < box.right && point.y > box.top + 2 && point.y < box.bottom - 2);
      if (hit) {
        wrong.push(`${name(hit)} is on a line (${path.getAttribute("class")})`);
        break;
      }
    }
  }
  const numbers = color => color.match(/[\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const part = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const contrast = (one, other) => {
    const [a, b] = [luminance(numbers(one)), luminance(numbers(other))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const style = getComputedStyle(svg);
  const probe = document.createElement("i");
  svg.parentNode.append(probe);
  const color = variable => {
    probe.style.color = style.getPropertyValue(variable);
    return getComputedStyle(probe).color;
  };
  const grounds = [color("--paper"), color("--band")];
  for (const text of texts) {
    const {fill} = getComputedStyle(text.element);
    // The number in a circle or in a filled box is on the color of its term.
    const below = text.element.matches(".in") ?
      [getComputedStyle([text.element.previousElementSibling, text.element.previousElementSibling.previousElementSibling]
        .find(one => one.matches(".badge, .held"))).fill] : grounds;
    for (const ground of below) {
      const found = contrast(fill, ground);
      if (found < 4.5) wrong.push(`${name(text)}: contrast ${found.toFixed(2)}`);
    }
  }
  for (const path of svg.querySelectorAll("path:not(.rule)")) {
    for (const ground of grounds) {
      const found = contrast(getComputedStyle(path).stroke, ground);
      if (found < 3) wrong.push(`a line (${path.getAttribute("class")}): contrast ${found.toFixed(2)}`);
    }
  }
  probe.remove();
  return [...new Set(wrong)];
})()
