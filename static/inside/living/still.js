// The picture as it stands, as a PNG file to take away.

const SCALE = 2;

/** Have the browser save the picture in `stage`; `title` is the network's and `name` the digit's. */
export function savePicture(stage, picture, { title, name }) {
  const { width, height } = picture.layout;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width * SCALE, (height + 30) * SCALE];
  const context = canvas.getContext("2d");
  const style = getComputedStyle(stage);
  context.scale(SCALE, SCALE);
  context.fillStyle = style.getPropertyValue("--st-background-color") || "#fff";
  context.fillRect(0, 0, width, height + 30);
  context.imageSmoothingEnabled = false;
  for (const layer of stage.querySelectorAll(".living-flow, .living-maps")) context.drawImage(layer, 0, 0, width, height);
  const corner = stage.getBoundingClientRect();
  for (const track of stage.querySelectorAll(".living-track, .living-fill")) {
    const box = track.getBoundingClientRect();
    context.fillStyle = getComputedStyle(track).backgroundColor;
    context.fillRect(box.left - corner.left, box.top - corner.top, box.width, box.height);
  }
  context.textBaseline = "middle";
  for (const node of texts(stage.querySelector(".living-words"))) {
    const own = getComputedStyle(node.parentElement);
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of [...range.getClientRects()].slice(0, 1)) {
      context.font = `${own.fontWeight} ${own.fontSize} ${own.fontFamily}`;
      context.fillStyle = own.color;
      context.globalAlpha = Number(own.opacity);
      context.fillText(node.textContent, box.left - corner.left, box.top - corner.top + box.height / 2);
    }
  }
  context.globalAlpha = 0.7;
  context.fillStyle = style.color;
  context.font = `12px ${style.fontFamily}`;
  context.fillText(`${title}, ${name}. Blue: above 0, orange: below 0, one scale a layer (±).`, 4, height + 15);
  canvas.toBlob((file) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `network-${name.replace(/[^\w]+/g, "-")}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }, "image/png");
}

function texts(node) {
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) found.push(walker.currentNode);
  return found;
}
