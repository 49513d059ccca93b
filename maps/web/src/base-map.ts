import { Map as MapLibreMap, type MapOptions, setWorkerUrl, type StyleSpecification } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { drawLabels } from "./labels";

setWorkerUrl(workerUrl);

export const REGION: [[number, number], [number, number]] = [[4.2438, 50.7637], [4.4823, 50.9139]];
export const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const DARK = matchMedia("(prefers-color-scheme: dark)");

interface Frame extends Partial<MapOptions> {
  /** Pixels around what is shown first. */
  padding: number;
  /** What a screen reader calls the map. */
  label?: string | undefined;
}

/** A map as all of ours are: north up, within reach of the region, as large as its box, names drawn on the spot. */
export function openMap(container: HTMLElement, style: StyleSpecification, { padding, label, ...options }: Frame): MapLibreMap {
  const map = new MapLibreMap({
    container,
    style,
    bounds: REGION,
    fitBoundsOptions: { padding },
    maxBounds: [[3.9, 50.6], [4.85, 51.08]],
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    scrollZoom: false, // the page scrolls on; buttons, keys and fingers zoom
    fadeDuration: STILL.matches ? 0 : 200,
    ...(label !== undefined && { locale: { "Map.Title": label } }),
    ...options,
  });
  map.touchZoomRotate.disableRotation();
  drawLabels(map);
  new ResizeObserver(() => map.resize()).observe(container);
  return map;
}

/** Call `change` when the reader turns from light to dark or back, until the map is removed. */
export function followTheme(map: MapLibreMap, change: () => void): void {
  const gone = new AbortController();
  map.on("remove", () => gone.abort());
  DARK.addEventListener("change", change, { signal: gone.signal });
}

/** The buttons of a map: nearer, farther, and back to what `frame` shows. Words come from the data of its element. */
export function mapTools(map: MapLibreMap, words: DOMStringMap, frame: () => void): HTMLElement {
  const tools = Object.assign(document.createElement("div"), { className: "map-tools" });
  tools.append(
    tool("+", words.zoomIn, () => map.zoomIn({ animate: !STILL.matches })),
    tool("−", words.zoomOut, () => map.zoomOut({ animate: !STILL.matches })),
    tool("◎", words.centre, frame),
  );
  return tools;
}

function tool(sign: string, label: string | undefined, act: () => void): HTMLButtonElement {
  const button = Object.assign(document.createElement("button"), { type: "button" });
  button.append(Object.assign(document.createElement("span"), { textContent: sign, ariaHidden: "true" }));
  button.setAttribute("aria-label", label ?? sign);
  button.addEventListener("click", act);
  return button;
}
