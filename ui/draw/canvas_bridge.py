"""What streamlit-drawable-canvas leaves out, done in the browser beside it.

- It waits 200 ms after a stroke before it sends. Told not to send by itself, it has a button "Update the app with this
  drawing", which is pressed here as soon as the brush is lifted.
- Its canvas has no name for a screen reader.
- It is as wide as it was made, also where the window is narrower: it is then shown smaller, and drawn on all the same.
- Its toolbar shows only when hovered, and can move strokes about: the page has buttons of its own instead.
- `st.file_uploader` takes no pasted pictures: a pasted one is handed to the page's uploader.
"""

import streamlit as st

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
  const down = (event) => { drawing = event.composedPath().includes(root(data.place)); };
  const up = () => {
    if (!drawing) return;
    drawing = false;
    // After the canvas has taken the stroke in: it listens to the same event.
    setTimeout(() => root(data.place)?.querySelector('button[title^="Update the app"]')?.click());
  };
  const listeners = [["mousedown", down], ["touchstart", down], ["mouseup", up], ["touchend", up], ["paste", paste]];
  for (const [type, listener] of listeners) document.addEventListener(type, listener, {capture: true});
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
    _component(data={"place": place, "name": name, "width": width}, key=f"{place}_script", height=1, width="stretch")
