// An answer on the page: what the network sees, the digit or a warning, how sure it is, ten bars.

import { toImageData } from "./picture.js";

/** Never a certainty that only rounding made. */
export function percent(probability) {
  if (probability > 0.9995) return "> 99.9 %";
  return probability < 0.0005 ? "< 0.1 %" : `${(100 * probability).toFixed(1)} %`;
}

/** What a screen reader says of an answer. */
export function sentence({ digit, probabilities, warning: problem }) {
  const read = probabilities ? `Read as ${digit}, ${percent(probabilities[digit])} probable.` : "";
  return [problem, read].filter(Boolean).join(" ");
}

/** A function (prepared, answer) that shows both: those of prepare.js and reader.js; {} is no answer yet.
 *
 * The nodes: `seen`, a canvas of 28 by 28; `digit`, `warning` and `sure`, for text; `bars`, an empty part of a table.
 * `invitation` stands in the warning's place as long as there is no answer.
 */
export function makeShown({ seen, digit: large, warning: below, sure, bars }, invitation) {
  for (let i = 0; i < 10; i++) {
    const row = bars.insertRow();
    row.append(Object.assign(document.createElement("th"), { scope: "row" }));
    const track = row.insertCell().appendChild(Object.assign(document.createElement("div"), { className: "track" }));
    track.append(Object.assign(document.createElement("div"), { className: "bar" }));
    row.insertCell();
  }
  return (prepared, { probabilities, digit, warning: problem }) => {
    showImage(seen, prepared?.image);
    large.textContent = problem ? "" : (digit ?? "");
    below.textContent = problem ?? (probabilities ? "" : invitation);
    const share = probabilities ? `${percent(probabilities[digit])} probable` : "";
    sure.textContent = share && (problem ? `Prediction anyway: ${digit}, ${share}` : share);
    [...bars.rows].forEach((row, i) => {
      row.className = i === digit ? "most" : "";
      row.cells[0].textContent = i === digit ? `▸ ${i}` : i;
      row.querySelector(".bar").style.width = probabilities ? `${(100 * probabilities[i]).toFixed(1)}%` : "0";
      row.cells[2].textContent = probabilities ? percent(probabilities[i]) : "";
    });
  };
}

function showImage(canvas, image) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, 28, 28);
  canvas.setAttribute("aria-label", image ? "Your digit in 28 by 28 pixels" : "Nothing yet");
  if (image) context.putImageData(toImageData({ width: 28, height: 28, channels: 1, data: image }), 0, 0);
}
