// What the parts of a network are called, how large they are, and how they stand together.

const NAMES = {
  convolution: "Convolution",
  scale: "Batch norm",
  relu: "ReLU",
  max_pool: "Max pooling",
  mean_pool: "Mean pooling",
  linear: "Linear",
};
const SHORT = { convolution: "conv", scale: "norm", relu: "ReLU", max_pool: "pool", mean_pool: "mean", linear: "sum" };

export const IMAGE = -2; // the 28x28 image, before the first layer's input
export const INPUT = -1; // what the first layer reads: normalised, perhaps cropped and turned

/** {parts, stages} of a network.
 *
 * A part is {layer, kind, title, short, shape: [channels, height, width], parameters, answers}: the image, the input, then
 * each layer; the last `answers`.
 * A stage holds the layers from one convolution or linear layer up to the next.
 */
export function anatomy(network) {
  const { side, crop } = network.program;
  const inner = side - 2 * crop;
  const parts = [
    { layer: IMAGE, kind: "image", title: "Image", short: "image", shape: [1, side, side], parameters: 0 },
    { layer: INPUT, kind: "input", title: "Input", short: "input", shape: [1, inner, inner], parameters: 0 },
  ];
  const count = {};
  network.layers.forEach(({ kind }) => { count[kind] = (count[kind] ?? 0) + 1; });
  const number = {};
  const stages = [];
  network.layers.forEach((one, layer) => {
    const { kind, shape } = one;
    number[kind] = (number[kind] ?? 0) + 1;
    const title = count[kind] > 1 ? `${NAMES[kind]} ${number[kind]}` : NAMES[kind];
    const answers = layer === network.layers.length - 1;
    const part = { layer, kind, title, short: SHORT[kind], shape, parameters: parameters(one), answers };
    parts.push(part);
    if (!stages.length || ["convolution", "linear", "mean_pool"].includes(kind)) stages.push([]);
    stages[stages.length - 1].push(part);
  });
  return { parts, stages, of: (layer) => parts[layer - IMAGE] };
}

function parameters({ kind, table, offset, bias, factors, shifts }) {
  if (kind === "scale") return factors.length + shifts.length;
  return table ? table.length + (bias === null ? 0 : offset.length) : 0;
}

/** "48 maps of 10×10", "50 units". */
export function sizeInWords({ kind, shape: [channels, height, width] }) {
  if (kind === "image" || kind === "input") return `${height}×${width} pixels`;
  return height * width > 1 ? `${channels} maps of ${height}×${width}` : `${channels} units`;
}

/** "10,368 parameters". */
export function parametersInWords(count) {
  return count ? `${count.toLocaleString("en")} parameters` : "no parameters";
}

/** What the part's values at one place are: "map 3, row 2, column 5", "unit 7", all counted from 0. */
export function placeInWords({ kind, answers, shape: [, height, width] }, at) {
  if (answers) return `the unit for ${at}`;
  const places = height * width;
  const place = at % places;
  const where = `row ${Math.floor(place / width)}, column ${place % width}`;
  if (kind === "image" || kind === "input") return where;
  const channel = Math.floor(at / places);
  return places > 1 ? `map ${channel}, ${where}` : `unit ${channel}`;
}

/** "map 3" or "unit 3". */
export function channelInWords({ kind, title, answers, shape: [, height, width] }, channel) {
  if (answers) return `the unit for ${channel}`;
  if (kind === "image" || kind === "input") return title.toLowerCase();
  return `${height * width > 1 ? "map" : "unit"} ${channel}`;
}
