import { type ExpressionSpecification, type FilterSpecification, type GeoJSONSource, type Map as MapLibreMap, type MapMouseEvent } from "maplibre-gl";
import { followTheme, openMap } from "./base-map";
import { colour, groundStyle } from "./ground";

const COLOURS = 12;
/** Pixels of a texture's image for one pixel of the map. */
const SHARP = 2;

export interface Atom {
  code: string;
  name: string;
  people: number;
  zone: number;
  point: [number, number] | null;
}

export interface Host {
  lang: string;
  background: string | undefined;
  shapes: string;
  label: string;
  atoms: Map<string, Atom>;
  /** What is woven over the colours once they are used up: steps of a path in a tile of 8 by 8. */
  weaves: string[];
  picked(code: string): void;
  caught(codes: string[]): void;
  chosen(zone: number): void;
  undone(): void;
  under(code: string): void;
}

type Ring = number[][];
/** A stretch of limit, and the atoms on its sides. */
interface Side {
  line: Ring;
  codes: string[];
}

/** The map on which atoms are put into zones: by pointer, by box, or by the cross in its middle. */
export class ScenarioMap {
  #map: MapLibreMap;
  #shapes: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
  #sides: Side[] = [];
  #lit = "";
  #tip = Object.assign(document.createElement("div"), { className: "map-tip", hidden: true, ariaHidden: "true" });

  constructor(private box: HTMLElement, private host: Host) {
    this.#map = openMap(box, this.#style(), { padding: 20, label: host.label, boxZoom: false, fadeDuration: 0 });
    box.append(this.#tip);
    this.#map.on("style.load", () => this.#dress());
    followTheme(this.#map, () => this.#map.setStyle(this.#style(), { diff: false }));
    this.#listen();
  }

  /** Fetch the shapes; the map is of use from then on. */
  async load(): Promise<void> {
    const answer = await fetch(this.host.shapes);
    if (!answer.ok) throw new Error(String(answer.status));
    this.#shapes = (await answer.json()) as GeoJSON.FeatureCollection;
    this.#sides = findSides(this.#shapes);
    this.#fill();
    await new Promise<void>((drawn) => void this.#map.once("idle", () => drawn()));
  }

  /** Bring the colours, numbers and outlines in step with where each atom is. */
  show(codes: Iterable<string> = this.host.atoms.keys()): void {
    if (!this.#map.getSource("atoms")) return;
    for (const code of codes) this.#map.setFeatureState({ source: "atoms", id: code }, { tint: this.#tint(code) });
    this.#weave();
    this.#map.getSource<GeoJSONSource>("numbers")?.setData(this.#numbers());
    this.#map.getSource<GeoJSONSource>("outlines")?.setData(this.#outlines());
  }

  /** Where a place lies on the canvas, in pixels. */
  placeOf(lon: number, lat: number): [number, number] {
    const { x, y } = this.#map.project([lon, lat]);
    return [x, y];
  }

  zoom(by: number): void {
    this.#map.zoomTo(this.#map.getZoom() + by, { animate: false });
  }

  #style() {
    return groundStyle(this.host.background, this.host.lang);
  }

  #dress(): void {
    const map = this.#map;
    const none: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
    map.addSource("atoms", { type: "geojson", data: none, promoteId: "code" });
    map.addSource("outlines", { type: "geojson", data: none });
    map.addSource("numbers", { type: "geojson", data: none });
    const lit: ExpressionSpecification = ["boolean", ["feature-state", "lit"], false];
    map.addLayer({ id: "atoms", type: "fill", source: "atoms", paint: { "fill-color": tints(), "fill-opacity": ["case", lit, 0.95, 0.72] } });
    this.host.weaves.forEach((steps, at) => {
      map.addImage(`weave-${at}`, weave(steps), { pixelRatio: SHARP });
      map.addLayer({ id: `weave-${at}`, type: "fill", source: "atoms", filter: isOneOf([]), paint: { "fill-pattern": `weave-${at}` } });
    });
    map.addLayer({ id: "atom-limits", type: "line", source: "atoms", paint: { "line-color": colour("map-veil"), "line-width": ["case", lit, 3, 0.8] } });
    map.addLayer({ id: "outlines", type: "line", source: "outlines", layout: { "line-join": "round", "line-cap": "round" }, paint: { "line-color": colour("ink"), "line-width": 2.2 } });
    map.addLayer({ id: "numbers", type: "symbol", source: "numbers", layout: { "icon-image": ["concat", "zone:", ["get", "number"]], "icon-padding": 1 } });
    for (const layer of ["names", "stations"]) if (map.getLayer(layer)) map.removeLayer(layer);
    this.#fill();
  }

  #fill(): void {
    this.#map.getSource<GeoJSONSource>("atoms")?.setData(this.#shapes);
    this.show();
  }

  #tint(code: string): number {
    const zone = this.host.atoms.get(code)?.zone ?? 0;
    return zone ? ((zone - 1) % COLOURS) + 1 : 0;
  }

  /** Texture comes by filter: a pattern can't follow the state of a shape. */
  #weave(): void {
    const atoms = [...this.host.atoms.values()];
    this.host.weaves.forEach((_, at) => {
      const woven = atoms.filter(({ zone }) => zone > COLOURS && (Math.floor((zone - 1) / COLOURS) - 1) % this.host.weaves.length === at);
      this.#map.setFilter(`weave-${at}`, isOneOf(woven.map(({ code }) => code)));
    });
  }

  #numbers(): GeoJSON.FeatureCollection {
    const features = [...this.host.atoms.values()].flatMap(({ point, zone }): GeoJSON.Feature[] =>
      point && zone ? [{ type: "Feature", geometry: { type: "Point", coordinates: point }, properties: { number: String(zone) } }] : []);
    return { type: "FeatureCollection", features };
  }

  /** The limits between atoms of different zones. */
  #outlines(): GeoJSON.Feature {
    const zone = (code: string | undefined): number => (code ? (this.host.atoms.get(code)?.zone ?? 0) : -1);
    const lines = this.#sides.filter(({ codes }) => zone(codes[0]) !== zone(codes[1])).map(({ line }) => line);
    return { type: "Feature", properties: {}, geometry: { type: "MultiLineString", coordinates: lines } };
  }

  #listen(): void {
    const map = this.#map;
    map.on("click", (event) => {
      const code = this.#at(event.point);
      if (code && !event.originalEvent.shiftKey) this.host.picked(code);
    });
    map.on("mousemove", (event) => this.#hover(event));
    map.on("mouseout", () => this.#light(""));
    map.on("moveend", () => {
      if (document.activeElement === map.getCanvas()) this.host.under(this.#middle());
    });
    map.getCanvas().addEventListener("keydown", (event) => this.#pressed(event));
    map.getCanvas().addEventListener("focus", () => this.host.under(this.#middle()));
    map.getCanvasContainer().addEventListener("mousedown", (event) => event.shiftKey && this.#drawBox(event), true);
  }

  #at(point: { x: number; y: number }): string {
    const found = this.#map.getLayer("atoms") ? this.#map.queryRenderedFeatures([point.x, point.y], { layers: ["atoms"] }) : [];
    return String(found[0]?.properties["code"] ?? "");
  }

  #middle(): string {
    const { clientWidth, clientHeight } = this.#map.getCanvas();
    return this.#at({ x: clientWidth / 2, y: clientHeight / 2 });
  }

  #hover({ point }: MapMouseEvent): void {
    const code = this.#at(point);
    this.#light(code);
    this.#map.getCanvas().style.cursor = code ? "pointer" : "";
    this.#tip.style.translate = `${point.x}px ${point.y}px`;
  }

  #light(code: string): void {
    if (code === this.#lit) return;
    if (this.#lit) this.#map.setFeatureState({ source: "atoms", id: this.#lit }, { lit: false });
    if (code) this.#map.setFeatureState({ source: "atoms", id: code }, { lit: true });
    this.#lit = code;
    this.#tip.hidden = !code;
    this.#tip.textContent = this.host.atoms.get(code)?.name ?? "";
  }

  #pressed(event: KeyboardEvent): void {
    const number = /^[1-9]$/.test(event.key) ? Number(event.key) : 0;
    const isUndo = event.key === "Backspace" || (event.key === "z" && (event.ctrlKey || event.metaKey));
    if (event.key === "Enter" || event.key === " ") {
      const code = this.#middle();
      if (code) this.host.picked(code);
    } else if (number) this.host.chosen(number);
    else if (isUndo) this.host.undone();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Shift and drag: all atoms whose middle lies in the box. */
  #drawBox(start: MouseEvent): void {
    start.preventDefault();
    start.stopPropagation();
    const frame = Object.assign(document.createElement("div"), { className: "map-box" });
    this.box.append(frame);
    const edge = this.box.getBoundingClientRect();
    const from = { x: start.clientX - edge.left, y: start.clientY - edge.top };
    const corners = (event: MouseEvent) => {
      const to = { x: event.clientX - edge.left, y: event.clientY - edge.top };
      return { left: Math.min(from.x, to.x), top: Math.min(from.y, to.y), right: Math.max(from.x, to.x), bottom: Math.max(from.y, to.y) };
    };
    const move = (event: MouseEvent): void => {
      const { left, top, right, bottom } = corners(event);
      Object.assign(frame.style, { left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px` });
    };
    const end = (event: MouseEvent): void => {
      removeEventListener("mousemove", move);
      frame.remove();
      const { left, top, right, bottom } = corners(event);
      const inside = [...this.host.atoms.values()].filter(({ point }) => {
        if (!point) return false;
        const { x, y } = this.#map.project(point);
        return x >= left && x <= right && y >= top && y <= bottom;
      });
      this.host.caught(inside.map(({ code }) => code));
    };
    addEventListener("mousemove", move);
    addEventListener("mouseup", end, { once: true });
  }
}

function isOneOf(codes: string[]): FilterSpecification {
  return ["in", ["get", "code"], ["literal", codes]];
}

function weave(steps: string): ImageData {
  const size = 8 * SHARP;
  const pen = Object.assign(document.createElement("canvas"), { width: size, height: size }).getContext("2d")!;
  pen.scale(SHARP, SHARP);
  pen.globalAlpha = 0.45;
  pen.strokeStyle = colour("zone-ink");
  pen.lineWidth = 1.2;
  pen.stroke(new Path2D(steps));
  return pen.getImageData(0, 0, size, size);
}

function tints(): ExpressionSpecification {
  const pairs = Array.from({ length: COLOURS }, (_, at) => [at + 1, colour(`zone-${at + 1}`)]).flat();
  return ["match", ["number", ["feature-state", "tint"], 0], ...pairs, colour("map-ground")] as unknown as ExpressionSpecification;
}

/** Neighbours share their edges point by point, so a stretch that two atoms have lies between them. */
function findSides({ features }: GeoJSON.FeatureCollection): Side[] {
  const sides = new Map<string, Side>();
  for (const { geometry, properties } of features) {
    for (const ring of ringsOf(geometry)) {
      for (let at = 1; at < ring.length; at += 1) {
        const [from, to] = [ring[at - 1]!, ring[at]!];
        const key = [from.join(), to.join()].sort().join(" ");
        const side = sides.get(key) ?? { line: [from, to], codes: [] };
        side.codes.push(String(properties?.["code"]));
        sides.set(key, side);
      }
    }
  }
  return [...sides.values()];
}

function ringsOf(geometry: GeoJSON.Geometry): Ring[] {
  if (geometry.type === "Polygon") return geometry.coordinates;
  return geometry.type === "MultiPolygon" ? geometry.coordinates.flat() : [];
}
