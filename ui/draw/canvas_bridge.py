"""What streamlit-drawable-canvas leaves out, done in the browser beside it.

- It waits 200 ms after a stroke before it sends. Told not to send by itself, it has a button "Update the app with this
  drawing", which is pressed here as soon as the brush is lifted.
- It draws with one touch, but ends the stroke only when the last touch is gone, and never where the system cancels it.
  A hand beside the pen is kept from it here, and a cancelled stroke is taken back, as on `static/engine/paper.js`.
- Its canvas has no name for a screen reader.
- It is as wide as it was made, also where the window is narrower: it is then shown smaller, and drawn on all the same.
- Its toolbar shows only when hovered, and can move strokes about: the page has buttons of its own instead.
- `st.file_uploader` takes no pasted pictures: a pasted one is handed to the page's uploader.
"""

import streamlit as st

PALM = 60  # CSS pixels: what touches the paper so broadly is no finger
PEN_RESTS = 1000  # milliseconds after a pen was last heard in which what touches is the hand that holds it

_JS = """
const root = (place) => {
  for (const node of document.querySelectorAll(`.st-key-${place} *`)) {
    const found = node.shadowRoot?.querySelector(".dc-root");
    if (found) return found;
  }
};

function paste(event) {
  const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
  const input = document.querySelector('[data-testid="stFileUploaderDropzoneInput"]');
  if (!files.length || !input) return;
  const carrier = new DataTransfer();
  carrier.items.add(files[0]);
  input.files = carrier.files;
  input.dispatchEvent(new Event("change", {bubbles: true}));
  event.preventDefault();
}

export default function ({ data }) {
  let wanted, widths;  // asks for the canvas until it is there: it is mounted in its own time
  const dress = () => {
    const canvas = root(data.place)?.querySelector(".upper-canvas");
    if (!canvas) { wanted = requestAnimationFrame(dress); return; }
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", data.name);
    root(data.place).querySelector(".dc-toolbar").style.visibility = "hidden";
    const place = document.querySelector(`.st-key-${data.place}`);
    const host = root(data.place).getRootNode().host;
    widths = new ResizeObserver(() => { host.style.zoom = Math.min(1, place.clientWidth / data.width); });
    widths.observe(place);
  };
  dress();

  let drawing = false;
  const over = (event) => event.composedPath().includes(root(data.place));
  const press = (title) => root(data.place)?.querySelector(`button[title^="${title}"]`)?.click();
  const down = (event) => { drawing = over(event); };
  const up = () => {
    if (!drawing) return;
    drawing = false;
    // After the canvas has taken the stroke in: it listens to the same event.
    setTimeout(() => press("Update the app"));
  };

  let finger = null;  // the touch that draws
  let kind = null;  // of the pointer that came down last: mouse, touch or pen
  let palm = false;  // whether that was the hand beside the pen
  let penHeard = -Infinity;
  const pointer = (event) => {
    if (event.pointerType === "pen") penHeard = event.timeStamp;
    if (event.type !== "pointerdown") return;
    kind = event.pointerType;
    const broad = Math.max(event.width, event.height) > data.palm;
    palm = kind === "touch" && (broad || event.timeStamp - penHeard < data.penRests);
  };
  const isFinger = (event) => [...event.changedTouches].some(({identifier}) => identifier === finger?.identifier);
  const lift = (target) => {  // the canvas waits for all touches to end
    const touch = finger;
    finger = null;
    const told = {changedTouches: [touch], bubbles: true, composed: true, cancelable: true};
    target.dispatchEvent(new TouchEvent("touchend", told));
  };
  const takeBack = (target) => {
    drawing = false;
    lift(target);
    press("Undo");
  };
  const touchDown = (event) => {
    if (!over(event)) return;
    if (finger && kind === "pen" && !finger.pen) takeBack(finger.target);  // a hand lay there before its pen
    if (finger || palm) {
      event.stopImmediatePropagation();
      event.preventDefault();
      return;
    }
    finger = event.changedTouches[0];
    finger.pen = kind === "pen";
    down(event);
  };
  const touchUp = (event) => {
    if (!event.isTrusted) return;
    if (finger && isFinger(event)) {
      if (event.touches.length) lift(event.composedPath()[0]);
      finger = null;
      up();
    } else if (finger) {
      event.stopImmediatePropagation();
    }
  };
  const touchCancel = (event) => {
    if (finger && isFinger(event)) takeBack(event.composedPath()[0]);
  };
  const listeners = [
    ["mousedown", down], ["mouseup", up], ["paste", paste],
    ["pointerdown", pointer], ["pointermove", pointer], ["pointerup", pointer],
    ["touchstart", touchDown], ["touchend", touchUp], ["touchcancel", touchCancel],
  ];
  for (const [type, listener] of listeners) document.addEventListener(type, listener, {capture: true, passive: false});
  return () => {
    cancelAnimationFrame(wanted);
    widths?.disconnect();
    for (const [type, listener] of listeners) document.removeEventListener(type, listener, {capture: true});
  };
}
"""

_component = st.components.v2.component("mnist_lab.canvas_script", js=_JS, isolate_styles=False)


def canvas_script(place: str, name: str, width: int) -> None:
    """Serve the canvas, `width` pixels wide, in the container with the key `place`; a screen reader calls it `name`."""
    data = {"place": place, "name": name, "width": width, "palm": PALM, "penRests": PEN_RESTS}
    _component(data=data, key=f"{place}_script", height=1, width="stretch")
