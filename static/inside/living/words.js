// The picture in words: one row a layer.

import { channelInWords, sizeInWords } from "./anatomy.js";
import { element } from "./nodes.js";

/** Fill the table in `details`, where it is open. */
export function writeWords(details, picture) {
  if (!details.open || !picture?.layout) return;
  const head = element("tr");
  head.append(...["Layer", "Values", "Parameters", "Smallest", "Largest", "Strongest"].map((name) => {
    const cell = element("th", "", name);
    cell.scope = "col";
    return cell;
  }));
  const rows = picture.about.parts.filter(({ kind }) => kind !== "image").map((part) => {
    const values = picture.valuesOf(part.layer);
    const places = part.shape[1] * part.shape[2];
    let [least, most] = [0, 0];
    for (let i = 1; i < values.length; i++) {
      if (values[i] < values[least]) least = i;
      if (values[i] > values[most]) most = i;
    }
    const row = element("tr");
    const name = element("th", "", part.title);
    name.scope = "row";
    const texts = [sizeInWords(part), part.parameters.toLocaleString("en"), number(values[least]), number(values[most])];
    row.append(name, ...texts.map((text) => element("td", "", text)), element("td", "", channelInWords(part, Math.floor(most / places))));
    return row;
  });
  details.querySelector("table").replaceChildren(head, ...rows);
}

const number = (value) => value.toFixed(2).replace("-", "−");
