// What the colours mean.

import { element } from "./nodes.js";

/** The scale of colours, from the strongest below 0 to the strongest above. */
export function showLegend(node, { css }) {
  const strip = element("span", "living-ramp");
  const stops = Array.from({ length: 21 }, (_, i) => css(i / 10 - 1)).join(", ");
  strip.style.background = `linear-gradient(to right, ${stops})`;
  node.replaceChildren(element("span", "", "below 0"), strip, element("span", "", "above 0"));
}
