// The thread of `makeReader` (reader.js): one request at a time.

import { numbersFor } from "./reader.js";

addEventListener("message", async ({ data }) => {
  try {
    postMessage({ numbers: await numbersFor(data) });
  } catch (error) {
    postMessage({ error: error.message });
  }
});
