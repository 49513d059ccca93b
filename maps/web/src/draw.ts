import { type FilterSpecification, LngLatBounds, type Map as MapLibreMap } from "maplibre-gl";
import { TerraDraw, TerraDrawModeUndoRedo, TerraDrawPointMode, TerraDrawPolygonMode, TerraDrawSelectMode, TerraDrawSessionUndoRedo, ValidateNotSelfIntersecting } from "terra-draw";
import { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter";
import { followTheme, openMap, REGION } from "./base-map";
import { colour, groundStyle } from "./ground";
import { nameQuartiers } from "./labels";

const NONE: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
/** A tenth of a metre; more digits would say more than a hand can draw. */
const DECIMALS = 6;
const SETTLED_MS = 150;

export type Kind = "point" | "area" | "streets" | "zones" | "";
type Drawable = GeoJSON.Point | GeoJSON.Polygon;

export interface Host {
  lang: string;
  background: string | undefined;
  /** The outline of the team's area, where it is known. */
  area: GeoJSON.Geometry | null;
  drawn(geometry: GeoJSON.Geometry | null): void;
  crossed(): void;
}

/** The map on which a place is drawn. Terra Draw does the drawing; what the pointer does, buttons do too. */
export class DrawMap {
  #map: MapLibreMap;
  #draw: TerraDraw | undefined;
  #kind: Kind = "";
  #known: GeoJSON.Geometry | null = null;
  #zones: string[] = [];
  #timer = 0;

  constructor(box: HTMLElement, private host: Host) {
    this.#map = openMap(box, this.#style(), {
      padding: 30,
      bounds: host.area ? boundsOf(host.area) : REGION,
      fadeDuration: 0,
    });
    this.#map.on("style.load", () => this.#dress());
    followTheme(this.#map, () => {
      this.#stop();
      this.#map.setStyle(this.#style(), { diff: false });
    });
    for (const [event, moves] of [["movestart", true], ["moveend", false]] as const) this.#map.on(event, () => box.toggleAttribute("data-moving", moves));
    box.addEventListener("keydown", (event) => this.#pressed(event));
  }

  /** Begin to ask for another kind of place; `known` is what stands there already. */
  ask(kind: Kind, known: GeoJSON.Geometry | null): void {
    this.#kind = kind;
    this.#known = known;
    if (this.#draw) this.#restore();
    this.#light();
    this.frame();
  }

  showZones(codes: string[]): void {
    this.#zones = codes;
    this.#light();
  }

  /** Show a place that was found by its name, as if it had been drawn there. */
  showPoint(lon: number, lat: number): void {
    this.ask("point", { type: "Point", coordinates: [round(lon), round(lat)] });
    this.#map.jumpTo({ center: [lon, lat], zoom: Math.max(this.#map.getZoom(), 15.5) });
  }

  goTo(lon: number, lat: number): void {
    this.#map.jumpTo({ center: [lon, lat], zoom: Math.max(this.#map.getZoom(), 15) });
  }

  /** Click at the middle of the map: by keyboard, or with a finger too thick for a corner. */
  corner(): void {
    const canvas = this.#map.getCanvas();
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const at = { clientX: left + width / 2, clientY: top + height / 2, button: 0, isPrimary: true, bubbles: true, pointerType: "mouse" };
    for (const type of ["pointermove", "pointerdown", "pointerup"]) canvas.dispatchEvent(new PointerEvent(type, at));
  }

  finish(): void {
    this.#map.getCanvas().dispatchEvent(new KeyboardEvent("keyup", { key: "Enter" }));
  }

  undo(): void {
    this.#draw?.undo();
  }

  erase(): void {
    this.#known = null;
    this.#restore();
    this.host.drawn(null);
  }

  more(): void {
    this.#draw?.setMode(this.#kind === "point" ? "point" : "polygon");
  }

  zoom(by: number): void {
    this.#map.zoomTo(this.#map.getZoom() + by, { animate: false });
  }

  frame(): void {
    const shown = this.#known ?? this.host.area;
    if (shown) this.#map.fitBounds(boundsOf(shown), { padding: 50, maxZoom: 16.5, animate: false });
  }

  #style() {
    return groundStyle(this.host.background, this.host.lang);
  }

  /** After each new style: the team's area, the chosen zones, then the drawing on top. */
  #dress(): void {
    const map = this.#map;
    map.addSource("team", { type: "geojson", data: this.host.area ?? NONE });
    map.addLayer({ id: "team-line", type: "line", source: "team", paint: { "line-color": colour("accent"), "line-width": 2, "line-dasharray": [3, 2] } });
    map.addLayer({ id: "chosen", type: "fill", source: "quartiers", "source-layer": "quartiers", filter: this.#chosen(), paint: { "fill-color": colour("accent"), "fill-opacity": 0.25 } });
    void nameQuartiers(map, this.host.lang);
    this.#start();
  }

  #chosen(): FilterSpecification {
    return ["in", ["get", "code"], ["literal", this.#kind === "zones" ? this.#zones : []]];
  }

  #light(): void {
    if (!this.#map.getLayer("chosen")) return;
    this.#map.setFilter("chosen", this.#chosen());
  }

  #start(): void {
    const ink = colour("accent") as `#${string}`;
    const looks = { fillColor: ink, fillOpacity: 0.2, outlineColor: ink, outlineWidth: 3 };
    const handles = { selectionPointWidth: 8, selectionPointColor: ink, midPointWidth: 5, midPointColor: ink, selectionPointOutlineWidth: 2, midPointOutlineWidth: 1 };
    const polygon = new TerraDrawPolygonMode({
      pointerDistance: 24,
      showCoordinatePoints: true,
      styles: { ...looks, closingPointColor: ink, closingPointWidth: 7, coordinatePointColor: ink, coordinatePointWidth: 5 },
      validation: (feature, { updateType }) => this.#judge(feature as GeoJSON.Feature, updateType),
    });
    this.#draw = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map: this.#map, coordinatePrecision: DECIMALS }),
      modes: [
        polygon,
        new TerraDrawPointMode({ styles: { pointColor: ink, pointWidth: 10, pointOutlineColor: colour("card") as `#${string}`, pointOutlineWidth: 3 } }),
        new TerraDrawSelectMode({
          styles: { selectedPolygonColor: ink, selectedPolygonFillOpacity: 0.2, selectedPolygonOutlineColor: ink, selectedPolygonOutlineWidth: 3, selectedPointColor: ink, selectedPointWidth: 12, ...handles },
          flags: {
            polygon: { feature: { draggable: true, coordinates: { midpoints: true, draggable: true, deletable: true } } },
            point: { feature: { draggable: true } },
          },
        }),
      ],
      undoRedo: { modeLevel: new TerraDrawModeUndoRedo(), sessionLevel: new TerraDrawSessionUndoRedo() },
    });
    this.#draw.start();
    this.#restore();
    this.#draw.on("change", () => this.#settle());
    this.#draw.on("finish", (id, context) => {
      if (context.action !== "draw") return;
      if (this.#kind === "point") this.#keepOnly(id);
      this.#draw?.selectFeature(id);
    });
  }

  #judge(feature: GeoJSON.Feature, updateType: string): { valid: boolean } {
    if (updateType !== "finish" && updateType !== "commit") return { valid: true };
    const { valid } = ValidateNotSelfIntersecting(feature as Parameters<typeof ValidateNotSelfIntersecting>[0]);
    if (!valid) this.host.crossed();
    return { valid };
  }

  #stop(): void {
    this.#known = this.#collect();
    this.#draw?.stop();
    this.#draw = undefined;
  }

  /** Put what is known on the map; without anything, the pointer draws. */
  #restore(): void {
    const draw = this.#draw;
    if (!draw) return;
    draw.setMode("select");
    draw.clear();
    const mode = this.#kind === "point" ? "point" : this.#kind === "area" ? "polygon" : null;
    if (!mode) return;
    const pieces = this.#known ? piecesOf(this.#known) : [];
    draw.addFeatures(pieces.map((geometry) => ({ type: "Feature", geometry, properties: { mode } })));
    draw.clearUndoRedoHistory();
    if (!pieces.length) draw.setMode(mode);
  }

  #keepOnly(id: string | number): void {
    const others = this.#draw!.getSnapshot().filter((each) => each.properties.mode === "point" && each.id !== id);
    this.#draw!.removeFeatures(others.map((each) => each.id!));
  }

  #settle(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      this.#known = this.#collect();
      this.host.drawn(this.#known);
    }, SETTLED_MS);
  }

  /** What is drawn and finished, as one geometry. */
  #collect(): GeoJSON.Geometry | null {
    if (!this.#draw?.enabled) return this.#known;
    const mode = this.#kind === "point" ? "point" : "polygon";
    const done = this.#draw.getSnapshot().filter((each) => each.properties.mode === mode && !each.properties.currentlyDrawing);
    const shapes = done.map((each) => each.geometry as Drawable).filter((shape) => mode === "point" ? shape.type === "Point" : shape.type === "Polygon");
    if (shapes.length < 2) return shapes[0] ?? null;
    return { type: "MultiPolygon", coordinates: (shapes as GeoJSON.Polygon[]).map((shape) => shape.coordinates) };
  }

  #pressed(event: KeyboardEvent): void {
    if (event.target !== this.#map.getCanvas()) return;
    if (event.key === " ") this.corner();
    else if (event.key === "Backspace") this.undo();
    else return;
    event.preventDefault();
  }
}

function piecesOf(geometry: GeoJSON.Geometry): Drawable[] {
  if (geometry.type === "Point") return [geometry];
  if (geometry.type === "Polygon") return [tidy(geometry)];
  if (geometry.type === "MultiPolygon") return geometry.coordinates.map((coordinates) => tidy({ type: "Polygon", coordinates }));
  return [];
}

/** Terra Draw takes one ring, with no more digits than it draws. */
function tidy(polygon: GeoJSON.Polygon): GeoJSON.Polygon {
  return { type: "Polygon", coordinates: [polygon.coordinates[0]!.map(([lon, lat]) => [round(lon!), round(lat!)])] };
}

function round(degrees: number): number {
  return Number(degrees.toFixed(DECIMALS));
}

function boundsOf(geometry: GeoJSON.Geometry): LngLatBounds {
  const bounds = new LngLatBounds();
  const walk = (part: unknown): void => {
    if (Array.isArray(part) && typeof part[0] === "number") bounds.extend(part as [number, number]);
    else if (Array.isArray(part)) part.forEach(walk);
  };
  if (geometry.type !== "GeometryCollection") walk(geometry.coordinates);
  return bounds;
}
