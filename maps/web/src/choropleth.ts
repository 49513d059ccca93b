import { type ExpressionSpecification, type FilterSpecification, type LayerSpecification, type Map as MapLibreMap, type MapMouseEvent, Marker, type StyleSpecification } from "maplibre-gl";
import { followTheme, mapTools, openMap, REGION } from "./base-map";
import type { CompareMap, Drawn } from "./compare";
import { colour, groundStyle } from "./ground";
import { nameQuartiers } from "./labels";

/** Pixels of a pattern's image for one pixel of the drawing. */
const SHARP = 2;
const ROADS = ["minor", "streets", "avenues"];
/** Streets would look like limits while the whole region is in sight: they come with the zoom. */
const NEARER: ExpressionSpecification = ["interpolate", ["linear"], ["zoom"], 12, 0, 14, 0.4];

interface Host {
  light(code: string, on: boolean): void;
  choose(code: string): void;
}

interface Place {
  code: string;
  lon: number | null;
  lat: number | null;
}

/** The live map of a comparison: the drawing's classes, colours and patterns laid over streets. */
export class Choropleth {
  #map: MapLibreMap;
  #drawn: Drawn[] = [];
  #letters: Marker[] = [];
  #places: Promise<Map<string, Place>> | undefined;
  #over = "";
  #isDrawn = false;

  constructor(box: HTMLElement, private stage: CompareMap, private host: Host) {
    this.#map = openMap(box, this.#style(), {
      padding: 16,
      label: stage.dataset.label ?? "",
      doubleClickZoom: false, // a second touch chooses what the first one read
    });
    this.#map.getCanvas().tabIndex = -1; // the drawing below it has one stop for Tab, and arrows
    box.append(mapTools(this.#map, stage.dataset, () => this.#map.fitBounds(REGION, { padding: 16, animate: false })));
    this.#map.on("style.load", () => void this.#dress());
    this.#map.once("idle", () => this.#uncover());
    this.#map.on("mousemove", (event) => this.#moved(event));
    this.#map.on("mouseout", () => this.#pass(""));
    this.#map.on("click", (event) => {
      const code = this.#at(event);
      if (code) this.host.choose(code);
    });
    followTheme(this.#map, () => this.#map.setStyle(this.#style(), { diff: false }));
  }

  /** Bring the map in step with the drawing. */
  show(drawn: Drawn[]): void {
    this.#drawn = drawn;
    this.#map.resize();
    if (this.#isDrawn) this.#uncover();
    if (this.#map.getLayer("zones")) void this.#dress();
  }

  /** Take the drawing's place; said again after each answer, for that brings the server's attributes back. */
  #uncover(): void {
    this.#isDrawn = true;
    this.stage.dataset.state = "live";
  }

  remove(): void {
    this.#map.remove();
  }

  light(code: string, on: boolean): void {
    if (this.#map.getLayer("lit")) this.#map.setFilter("lit", isOneOf(on ? [code] : []));
  }

  #style(): StyleSpecification {
    const { background, lang = "fr", tiles = "", layer = "" } = this.stage.dataset;
    const style = groundStyle(background, lang);
    const from = { source: "compared", "source-layer": layer };
    const own: LayerSpecification[] = [
      { id: "zones", type: "fill", ...from, paint: { "fill-color": colour("map-ground") } },
    ];
    const edge: LayerSpecification = {
      id: "edges",
      type: "line",
      ...from,
      layout: { "line-join": "round" },
      paint: { "line-color": colour("map-veil"), "line-width": ["interpolate", ["linear"], ["zoom"], 12, 0.9, 15, 4] },
    };
    const marks: LayerSpecification[] = [
      { id: "chosen-zones", type: "line", ...from, filter: isOneOf([]), layout: { "line-join": "round" }, paint: { "line-color": colour("ink"), "line-width": 2.5 } },
      { id: "lit", type: "line", ...from, filter: isOneOf([]), layout: { "line-join": "round" }, paint: { "line-color": colour("sun"), "line-width": 4 } },
    ];
    const find = (...ids: string[]) => style.layers.filter((each) => ids.includes(each.id));
    const roads = find(...ROADS).map((each) => ({ ...each, minzoom: Math.max(12, each.minzoom ?? 0), paint: { ...each.paint, "line-opacity": NEARER } }) as LayerSpecification);
    const sources = { ...style.sources, compared: { type: "vector" as const, tiles: [location.origin + tiles], maxzoom: 15 } };
    return { ...style, sources, layers: [...find("ground"), ...own, ...roads, edge, ...marks, ...find("names", "stations")] };
  }

  /** Give each zone its class; patterns are those of the drawing. */
  async #dress(): Promise<void> {
    const used = [...new Set(this.#drawn.map((each) => each.css))];
    const images = await Promise.all(used.map(async (css) => [css, await patternOf(this.stage, css)] as const));
    if (!this.#map.getLayer("zones")) return;
    for (const [css, image] of images) {
      const id = `class:${css}`;
      if (this.#map.hasImage(id)) this.#map.removeImage(id);
      if (image) this.#map.addImage(id, image, { pixelRatio: SHARP });
    }
    const looks = Object.fromEntries(this.#drawn.map((each) => [each.code, `class:${each.css}`]));
    const look: ExpressionSpecification = ["coalesce", ["get", ["get", "code"], ["literal", looks]], "class:none"];
    this.#map.setPaintProperty("zones", "fill-pattern", look);
    this.#map.setFilter("chosen-zones", isOneOf(this.#drawn.filter((each) => each.isChosen).map((each) => each.code)));
    await this.#setLetters();
    if (this.stage.dataset.layer === "quartiers") void nameQuartiers(this.#map, this.stage.dataset.lang ?? "fr");
  }

  async #setLetters(): Promise<void> {
    this.#places ??= readPlaces(this.stage.dataset.kind ?? "");
    const places = await this.#places;
    for (const marker of this.#letters) marker.remove();
    this.#letters = this.#drawn.flatMap(({ code, letter }) => {
      const place = places.get(code);
      if (!letter || place?.lon == null || place.lat == null) return [];
      const element = Object.assign(document.createElement("div"), { className: "map-letter", textContent: letter, ariaHidden: "true" });
      return [new Marker({ element }).setLngLat([place.lon, place.lat]).addTo(this.#map)];
    });
  }

  #at(event: MapMouseEvent): string {
    if (!this.#map.getLayer("zones")) return "";
    return String(this.#map.queryRenderedFeatures(event.point, { layers: ["zones"] })[0]?.properties.code ?? "");
  }

  #moved(event: MapMouseEvent): void {
    this.#pass(this.#at(event));
    this.#map.getCanvas().style.cursor = this.#over ? "pointer" : "";
  }

  #pass(code: string): void {
    if (code === this.#over) return;
    if (this.#over) this.host.light(this.#over, false);
    this.#over = code;
    if (code) this.host.light(code, true);
  }
}

function isOneOf(codes: string[]): FilterSpecification {
  return ["in", ["get", "code"], ["literal", codes]];
}

/** The image of a class: the pattern that the drawing fills its zones with, colours of the theme included. */
async function patternOf(stage: HTMLElement, css: string): Promise<ImageData | null> {
  const pattern = stage.querySelector<SVGPatternElement>(`pattern[data-class="${css}"]`);
  if (!pattern) return null;
  const copy = pattern.cloneNode(true) as SVGPatternElement;
  const parts = pattern.querySelectorAll<SVGElement>("*");
  copy.querySelectorAll<SVGElement>("*").forEach((part, place) => {
    const { fill, stroke, strokeWidth } = getComputedStyle(parts[place]!);
    Object.assign(part.style, { fill, stroke, strokeWidth });
  });
  const [width, height] = [pattern.width.baseVal.value, pattern.height.baseVal.value];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width * SHARP}" height="${height * SHARP}" viewBox="0 0 ${width} ${height}">${copy.innerHTML}</svg>`;
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: width * SHARP, height: height * SHARP });
  const pen = canvas.getContext("2d")!;
  pen.drawImage(image, 0, 0);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

async function readPlaces(kind: string): Promise<Map<string, Place>> {
  const answer = await fetch(`/api/v1/zones?kind=${encodeURIComponent(kind)}&limit=1000`);
  if (!answer.ok) return new Map();
  const { items } = (await answer.json()) as { items: Place[] };
  return new Map(items.map((each) => [each.code, each]));
}
