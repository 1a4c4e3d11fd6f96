// Plotly, which the plotly package itself brings.

export function plotly(url) {
  // One script tag for all charts of the tab, however often they are mounted.
  window.mnistLabPlotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(url, document.baseURI);
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => { window.mnistLabPlotly = undefined; reject(new Error("plotly did not load")); };
    document.head.append(script);
  });
  return window.mnistLabPlotly;
}
