// Nodes of the page, and numbers as they are written there.

/** "99.3 %"; never a certainty that only rounding made, as `percent` in ui/common/text.py. */
export function inPercent(share) {
  if (share < 0.0005) return "< 0.1 %";
  if (share > 0.9995) return "> 99.9 %";
  return `${(100 * share).toFixed(1)} %`;
}

/** A new node with a class and a text. */
export function element(tag, name = "", text = "") {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text !== "") node.textContent = text;
  return node;
}

/** A button with a text; `act` is called when it is pressed. */
export function button(name, text, act) {
  const node = element("button", name, text);
  node.type = "button";
  node.addEventListener("click", act);
  return node;
}
