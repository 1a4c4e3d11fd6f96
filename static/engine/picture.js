// A picture from a file or the clipboard -> its pixels, as `mnist_core/drawing/picture_files/` reads them.
//
// The browser decodes it. Where it decodes as Pillow does (PNG, BMP), the pixels are Pillow's.

/** Decode a Blob: grey, or with transparency, reduced by a whole factor. Throws an Error whose message is a sentence. */
export async function readPicture(file, constants) {
  const name = file.name || "The picture";
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  } catch {
    if (await isHeic(file)) {
      throw new Error(`${name} is a HEIC picture, which this browser does not read: save it as a JPEG file.`);
    }
    throw new Error(`${name} could not be read: give a PNG, JPEG, GIF, BMP or WebP file.`);
  }
  try {
    const { MAX_PIXELS, READ_SIDE, STRIP } = constants;
    if (bitmap.width * bitmap.height > MAX_PIXELS) {
      throw new Error(`${name} could not be read: it has more than ${MAX_PIXELS / 1e6} million pixels. Make it smaller.`);
    }
    const factor = Math.ceil(Math.max(bitmap.width, bitmap.height) / READ_SIDE);
    const rows = STRIP * factor;
    const reduced = (levels) => joinedStrips(Array.from(strips(bitmap, rows), (strip) => reduce(levels(strip), factor)));
    const told = await saysTransparent(file);
    if (told ?? hasTransparency(strips(bitmap, rows))) return reduced((strip) => strip);
    return clearest(reduced(toLevels), (colour) => reduced((strip) => channel(strip, colour)), constants);
  } finally {
    bitmap.close();
  }
}

/** Whether a file is what iPhones write: only Safari decodes it. */
async function isHeic(file) {
  const head = new Uint8Array(await file.slice(4, 12).arrayBuffer());
  return /^ftyp(hei|hev|mif1|msf1)/.test(String.fromCharCode(...head));
}

/** Whether a PNG's header says that it has transparency; null for other files. */
async function saysTransparent(file) {
  const head = new DataView(await file.slice(0, 4096).arrayBuffer());
  if (head.byteLength < 33 || head.getUint32(0) !== 0x89504e47) return null;
  if (head.getUint8(25) >= 4) return true; // grey or colours, with alpha
  for (let at = 33; at + 8 <= head.byteLength; at += 12 + head.getUint32(at)) {
    if (head.getUint32(at + 4) === 0x74524e53) return true; // tRNS
    if (head.getUint32(at + 4) === 0x49444154) return false; // IDAT
  }
  return false;
}

/** Strip by strip, of so many rows each: phones allow no large canvas. */
function* strips(bitmap, rows) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [bitmap.width, Math.min(rows, bitmap.height)];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  for (let top = 0; top < bitmap.height; top += rows) {
    const height = Math.min(rows, bitmap.height - top);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(bitmap, 0, -top);
    yield { width: bitmap.width, height, channels: 4, data: context.getImageData(0, 0, bitmap.width, height).data };
  }
}

function hasTransparency(strips) {
  for (const { data } of strips) {
    for (let i = 3; i < data.length; i += 4) if (data[i] < 255) return true;
  }
  return false;
}

/** The picture in grey, or where it is faint and one of its three colours is not, that colour. */
function clearest(grey, inColour, { FAINT, CLEARER }) {
  const faint = contrast(grey);
  if (faint >= FAINT) return grey;
  const colours = [0, 1, 2].map(inColour);
  const contrasts = colours.map(contrast);
  const most = Math.max(...contrasts);
  return most >= Math.max(FAINT, CLEARER * faint) ? colours[contrasts.indexOf(most)] : grey;
}

/** The difference between its brightest and its darkest level. */
function contrast({ data }) {
  let [least, most] = [255, 0];
  for (const level of data) {
    if (level < least) least = level;
    if (level > most) most = level;
  }
  return Math.max(0, most - least);
}

function joinedStrips(strips) {
  const { width, channels } = strips[0];
  const height = strips.reduce((sum, strip) => sum + strip.height, 0);
  const data = new Uint8Array(width * height * channels);
  let at = 0;
  for (const strip of strips) {
    data.set(strip.data, at);
    at += strip.data.length;
  }
  return { width, height, channels, data };
}

/** RGBA -> grey levels, as Pillow weighs the colours. */
export function toLevels({ width, height, data }) {
  const levels = new Uint8Array(width * height);
  for (let i = 0, at = 0; i < levels.length; i++, at += 4) {
    levels[i] = (data[at] * 19595 + data[at + 1] * 38470 + data[at + 2] * 7471 + 0x8000) >> 16;
  }
  return { width, height, channels: 1, data: levels };
}

/** One colour of RGBA: 0 red, 1 green, 2 blue. */
function channel({ width, height, data }, colour) {
  const levels = new Uint8Array(width * height);
  for (let i = 0; i < levels.length; i++) levels[i] = data[4 * i + colour];
  return { width, height, channels: 1, data: levels };
}

/** Each `factor` by `factor` pixels become their mean (at the right and lower edge fewer), as Pillow's `reduce`. */
export function reduce(picture, factor) {
  if (factor === 1) return picture;
  const { width, height, channels, data } = picture;
  const [columns, rows] = [Math.ceil(width / factor), Math.ceil(height / factor)];
  const means = new Uint8Array(columns * rows * channels);
  const sums = new Float64Array(channels);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at += channels) {
      const [right, bottom] = [Math.min(width, (column + 1) * factor), Math.min(height, (row + 1) * factor)];
      sums.fill(0);
      for (let y = row * factor; y < bottom; y++) {
        for (let x = column * factor; x < right; x++) {
          const place = (y * width + x) * channels;
          const alpha = channels === 4 ? data[place + 3] : 255;
          for (let c = 0; c < channels; c++) sums[c] += c === 3 ? alpha : shaded(data[place + c], alpha);
        }
      }
      const count = (right - column * factor) * (bottom - row * factor);
      const multiplier = Math.trunc(Math.fround(2 ** 32 / (256 * count)));
      for (let c = 0; c < channels; c++) {
        means[at + c] = Math.floor(((sums[c] + Math.floor(count / 2)) * multiplier) / 2 ** 24);
      }
      const alpha = channels === 4 ? means[at + 3] : 255;
      if (alpha > 0 && alpha < 255) {
        for (let c = 0; c < 3; c++) means[at + c] = Math.min(255, Math.floor((255 * means[at + c]) / alpha));
      }
    }
  }
  return { width: columns, height: rows, channels, data: means };
}

/** A level times its alpha, of 255, rounded as Pillow does. */
function shaded(level, alpha) {
  if (alpha === 255) return level;
  const product = level * alpha + 128;
  return ((product >> 8) + product) >> 8;
}

/** A picture as a canvas takes it. */
export function toImageData({ width, height, channels, data: levels }) {
  const image = new ImageData(width, height);
  if (channels === 4) image.data.set(levels);
  else levels.forEach((level, i) => image.data.set([level, level, level, 255], 4 * i));
  return image;
}
