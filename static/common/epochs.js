// A slider over saved epochs with a button that plays them. Both only call back: nothing is asked of the server.

const WHOLE = 6000; // milliseconds that all epochs take together, within the limits of one
const [SHORTEST, LONGEST] = [120, 800];
const heard = new Set(); // orders to play, of this tab

/** Whether this order to play (a word of the server's, or null) came for the first time: the server repeats its last one. */
export function isNews(order) {
  if (!order || heard.has(order)) return false;
  heard.add(order);
  return true;
}

/** "before the first step", "after 1 epoch", "after 12 epochs" */
export function after(epoch) {
  return epoch === 0 ? "before the first step" : `after ${epoch} ${epoch === 1 ? "epoch" : "epochs"}`;
}

/** Fill `node` with the slider over `epochs`; `onChange` gets the place among them. Returns {show, play, stop}. */
export function epochSlider(node, epochs, place, onChange) {
  node.innerHTML = `<button type="button" class="play" aria-label="Play the epochs"></button>
    <input type="range" min="0" step="1" aria-label="Epoch"><output></output>`;
  const [button, range, told] = node.children;
  const last = epochs.length - 1;
  let timer = 0;

  function show(wanted, isTold = true) {
    place = Math.max(0, Math.min(last, wanted));
    range.value = place;
    range.setAttribute("aria-valuetext", after(epochs[place]));
    told.textContent = after(epochs[place]);
    if (isTold) onChange(place);
  }
  function stop() {
    clearTimeout(timer);
    timer = 0;
    button.textContent = "▶";
    button.setAttribute("aria-label", "Play the epochs");
  }
  function play() {
    stop();
    button.textContent = "❚❚";
    button.setAttribute("aria-label", "Pause");
    const step = Math.max(SHORTEST, Math.min(LONGEST, WHOLE / epochs.length));
    const next = () => {
      if (place >= last) return stop();
      show(place + 1);
      timer = setTimeout(next, step);
    };
    if (place >= last) show(0);
    timer = setTimeout(next, step);
  }
  range.max = last;
  range.oninput = () => {
    stop();
    show(Number(range.value));
  };
  button.onclick = () => (timer ? stop() : play());
  button.disabled = range.disabled = last === 0;
  stop();
  show(place, false);
  return { show, play, stop };
}
