// The last steps: from the last layer's values to a probability (softmax, views, temperature), and to the loss.

import { button, element } from "./nodes.js";
import { addUp, number, rounded, written } from "./sums.js";

const DIGITS = [...Array(10).keys()];

/** A probability of the answer. `go(place)` goes back to what it was computed from. */
export function probabilityNodes(answer, digit, last, go) {
  if (answer.views.length === 1) return oneView(answer, digit, last, go);
  const name = ({ view }) => `view ${view + 1}`;
  const heads = ["digit", ...answer.views.map(name), "mean"];
  const rows = DIGITS.map((k) => {
    const shares = answer.views.map(({ probabilities }) => probabilities[k]);
    return [String(k), ...answer.views.map(({ view }, i) => ({ text: number(shares[i]), act: () => go({ layer: "view", at: k, view }) })), number(answer.mean[k])];
  });
  const nodes = [
    element("p", "value-how", "This network looks at four views of the digit, each turned and scaled a little, and answers the mean of their probabilities."),
    grid(heads, rows, digit),
  ];
  if (answer.temperature) {
    const exponent = number(1 / answer.temperature);
    const units = addUp(answer.powers, rounded(answer.sum));
    nodes.push(
      element("p", "value-how", `The temperature ${number(answer.temperature)}, fitted on held-out digits so that the network claims neither too much nor too little: each mean to the power of 1 ÷ temperature = ${exponent}, divided by the sum of all ten.`),
      grid(["digit", "mean", "power", "÷ sum"], DIGITS.map((k) => [String(k), number(answer.mean[k]), written(units[k]), number(answer.answer[k])]), digit, written(rounded(answer.sum))),
    );
    nodes.push(last_line([written(units[digit]), " ÷ ", written(rounded(answer.sum))], answer.answer[digit]));
  } else {
    nodes.push(last_line([`the mean of the four for ${digit}`], answer.answer[digit]));
  }
  return nodes;
}

/** The probability that one of several views gives. */
export function viewNodes(answer, view, digit, last, go) {
  return oneView({ views: [answer.views[view]], temperature: null }, digit, last, go);
}

function oneView({ views: [{ logits }], temperature }, digit, last, go) {
  const scaled = logits.map((value) => value / (temperature ?? 1));
  const most = Math.max(...scaled);
  const exponentials = scaled.map((value) => Math.exp(value - most));
  const sum = exponentials.reduce((all, one) => all + one, 0);
  const units = addUp(exponentials, rounded(sum));
  const heads = ["digit", "value", ...(temperature ? ["÷ temperature"] : []), "e to the power of it", "÷ sum"];
  const rows = DIGITS.map((k) => [
    String(k),
    { text: number(logits[k]), act: () => go({ layer: last, at: k }) },
    ...(temperature ? [number(scaled[k])] : []),
    written(units[k]),
    number(exponentials[k] / sum),
  ]);
  const told = temperature ? `The temperature ${number(temperature)}, fitted on held-out digits so that the network claims neither too much nor too little, divides them first. ` : "";
  return [
    element("p", "value-how", `Softmax: the last layer's ten values become probabilities. ${told}The largest, ${number(most)}, is taken off each (that changes no probability); then e to the power of it, divided by the sum of all ten.`),
    grid(heads, rows, digit, written(rounded(sum))),
    last_line([written(units[digit]), " ÷ ", written(rounded(sum))], exponentials[digit] / sum),
  ];
}

/** The loss where `label` is right. */
export function lossNodes(answer, label, go, choose) {
  const select = element("select", "value-label");
  select.setAttribute("aria-label", "The right digit");
  select.append(...DIGITS.map((k) => new Option(String(k), String(k), k === label, k === label)));
  select.addEventListener("change", () => choose(Number(select.value)));
  const pick = element("p", "value-sentence");
  pick.append("The right digit is ", select);
  const share = answer.answer[label];
  const line = element("p", "value-sentence value-sum");
  line.append("− ln ", button("value-term value-given", precise(share), () => go({ layer: "probability", at: label })), " = ", element("b", "value-result", number(-Math.log(share))));
  return [
    element("p", "value-how", "The loss of one digit: minus the natural logarithm of the probability of the right one. 0 when the network is certain and right; large when it is certain and wrong. Training makes it small."),
    pick,
    line,
  ];
}

/** Small probabilities keep their digits, so that the logarithm can be checked. */
const precise = (share) => (share < 0.1 ? share.toExponential(4).replace("-", "−") : share.toFixed(6));

function last_line(parts, value) {
  const node = element("p", "value-sentence value-sum");
  node.append(...parts, " = ", element("b", "value-result", number(value)));
  return node;
}

/** A table with a row for each digit; that of `digit` stands out. `sum` stands below the last but one column. */
function grid(heads, rows, digit, sum = null) {
  const frame = element("div", "value-scroll");
  const table = element("table", "value-grid");
  const head = element("tr");
  head.append(...heads.map((name) => Object.assign(element("th", "", name), { scope: "col" })));
  table.append(head);
  rows.forEach((cells, k) => {
    const row = element("tr", k === digit ? "value-here" : "");
    row.append(...cells.map((cell) => {
      const node = element("td", "", typeof cell === "string" ? cell : "");
      if (typeof cell !== "string") node.append(button("value-term", cell.text, cell.act));
      return node;
    }));
    table.append(row);
  });
  if (sum !== null) {
    const row = element("tr", "value-total");
    row.append(...heads.map((_, i) => element("td", "", i === 0 ? "sum" : i === heads.length - 2 ? sum : "")));
    table.append(row);
  }
  frame.append(table);
  return frame;
}
